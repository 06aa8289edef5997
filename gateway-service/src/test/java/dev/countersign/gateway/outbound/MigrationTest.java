package dev.countersign.gateway.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.launcher.DatabaseRoles;
import dev.countersign.launcher.EmbeddedPostgres;
import dev.countersign.launcher.FreePorts;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What was kept before there were origins becomes its proposer's as far as that is known.
@NullMarked
class MigrationTest {

  private static final String PASSWORD = "migration-test";
  private static final String APPROVED =
      """
      {"outcome": "approved", "action": {"agent": {"id": "billing-bot", "session": "run-1"},
        "tool": {"toolset": "payments", "name": "wire_transfer"}, "parameters": %s}}\
      """;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  @Test
  void anApprovalNamesItsProposerAndNothingElseDoes() throws Exception {
    try (EmbeddedPostgres postgres =
        new EmbeddedPostgres(
            folder.resolve("postgres"),
            FreePorts.one(),
            EmbeddedPostgres.Durability.PROCESS,
            line -> {})) {
      postgres.start();
      postgres.createRoles(
          DatabaseRoles.LOGINS.stream().collect(Collectors.toMap(role -> role, _ -> PASSWORD)));
      migrate(postgres, "4");
      try (Connection connection = connect(postgres);
          Statement statement = connection.createStatement()) {
        statement.executeUpdate(
            """
            insert into action (action_id, verdict, proposed, judged, decision) values
              (gen_random_uuid(), 'allowed', 'sha256:a', 'sha256:a', '%s'),
              (gen_random_uuid(), 'denied', null, 'sha256:b', '{"outcome": "denied"}'),
              (gen_random_uuid(), 'approval-required', 'sha256:c', 'sha256:c', null),
              (gen_random_uuid(), 'allowed', 'sha256:d', 'sha256:other', '%s'),
              (gen_random_uuid(), 'allowed', null, 'sha256:e', '%s')\
            """
                .formatted(
                    APPROVED.formatted("{}"),
                    APPROVED.formatted("{}"),
                    APPROVED.formatted("{\"note\": \"\\u0000\"}")));
      }

      migrate(postgres, "latest");

      List<String> origins = new ArrayList<>();
      try (Connection connection = connect(postgres);
          Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "select concat_ws(' ', agent, session, toolset, tool) from action"
                      + " order by coalesce(proposed, judged)")) {
        while (row.next()) {
          origins.add(row.getString(1));
        }
      }
      assertEquals(List.of("billing-bot run-1 payments wire_transfer", "", "", "", ""), origins);
    }
  }

  private static void migrate(EmbeddedPostgres postgres, String version) {
    Flyway.configure()
        .dataSource("jdbc:postgresql://" + postgres.address(), "gateway", PASSWORD)
        .locations("classpath:db/outbox", "classpath:db/migration")
        .target(version)
        .load()
        .migrate();
  }

  private static Connection connect(EmbeddedPostgres postgres) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://" + postgres.address(), "gateway", PASSWORD);
  }
}
