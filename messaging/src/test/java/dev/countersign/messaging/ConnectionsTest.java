package dev.countersign.messaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.countersign.testservers.Servers;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.VertxContextSupport;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.hibernate.reactive.mutiny.Mutiny;
import org.junit.jupiter.api.Test;

/// How every service's connections to its database are.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class ConnectionsTest {

  @Inject Mutiny.SessionFactory sessions;
  @Inject AgroalDataSource jdbc;

  @Test
  void longOnesStayPreparedToo() throws Throwable {
    String statement = "select cast('" + "x".repeat(4_000) + "' as text)";

    long kept =
        VertxContextSupport.subscribeAndAwait(() ->
            sessions.withStatelessTransaction(session ->
                session
                    .createNativeQuery(statement, String.class)
                    .getSingleResult()
                    .chain(() ->
                        session
                            .createNativeQuery(
                                "select count(*) from pg_prepared_statements"
                                    + " where length(statement) > 4000",
                                Long.class)
                            .getSingleResult())));

    assertEquals(1, kept);
  }

  @Test
  void noTableIsReadWhereARowCanBeLookedUp() throws Throwable {
    assertEquals(
        "off",
        VertxContextSupport.subscribeAndAwait(() ->
            sessions.withStatelessTransaction(session ->
                session
                    .createNativeQuery("select current_setting('enable_seqscan')", String.class)
                    .getSingleResult())));
  }

  @Test
  void whatIsSetForOneUseOfAConnectionEndsWithIt() throws SQLException {
    int process;
    try (Connection migrating = jdbc.getConnection()) {
      process = backend(migrating);
      try (Statement statement = migrating.createStatement()) {
        statement.execute("set countersign.migrating = 'on'");
      }
    }
    try (Connection next = jdbc.getConnection()) {
      assertEquals(process, backend(next), "the same again");
      assertNotEquals("on", one(next, "select current_setting('countersign.migrating', true)"));
    }
  }

  private static int backend(Connection connection) throws SQLException {
    return Integer.parseInt(one(connection, "select pg_backend_pid()"));
  }

  private static String one(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }
}
