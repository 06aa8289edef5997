package dev.countersign.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresTest {

  private static final String INSUFFICIENT_PRIVILEGE = "42501";
  private static final Map<String, String> PASSWORDS =
      DatabaseRoles.LOGINS.stream().collect(Collectors.toMap(role -> role, role -> role + "-pw"));

  @TempDir static Path folder;
  static EmbeddedPostgres postgres;

  @BeforeAll
  static void start() {
    postgres =
        new EmbeddedPostgres(folder.resolve("postgres"), FreePorts.one(), System.out::println);
    postgres.start();
    postgres.createRoles(PASSWORDS);
  }

  @AfterAll
  static void stop() {
    postgres.close();
  }

  @Test
  void aRoleOwnsItsSchemaAndCannotReadAnother() throws SQLException {
    execute(
        "ticket",
        "CREATE TABLE secret_of_ticket (id int)",
        "INSERT INTO secret_of_ticket VALUES (1)");
    assertEquals(List.of("ticket"), column("ticket", "SELECT current_schema()"));
    for (String other : List.of("gateway", "policy", "notifier", "executor", "audit")) {
      assertRefused(other, "SELECT * FROM ticket.secret_of_ticket");
      assertRefused(other, "CREATE TABLE ticket.mine (id int)");
      assertRefused(other, "CREATE TABLE public.mine (id int)");
    }
  }

  @Test
  void theAuditServiceMayDoOnlyWhatTheMigratorGranted() throws SQLException {
    execute(
        "audit_migrator", "CREATE TABLE leaf (id int)", "GRANT INSERT, SELECT ON leaf TO audit");
    assertEquals(
        List.of("audit_owner"),
        column("audit_migrator", "SELECT tableowner FROM pg_tables WHERE tablename = 'leaf'"));
    execute("audit", "INSERT INTO leaf VALUES (1)");
    assertEquals(List.of("1"), column("audit", "SELECT id FROM leaf"));
    for (String change :
        List.of(
            "UPDATE leaf SET id = 2",
            "DELETE FROM leaf",
            "TRUNCATE leaf",
            "DROP TABLE leaf",
            "CREATE TABLE mine (id int)",
            "SET ROLE audit_owner")) {
      assertRefused("audit", change);
    }
  }

  @Test
  void aWrongPasswordIsRefused() {
    SQLException refused =
        assertThrows(
            SQLException.class,
            () -> DatabaseRoles.connect(postgres.server(), "countersign", "ticket", "wrong"));
    assertEquals("28P01", refused.getSQLState());
  }

  @Test
  void whatWasCommittedSurvivesSigkill() throws SQLException {
    execute("gateway", "CREATE TABLE kept (id int)");
    execute("gateway", "INSERT INTO kept VALUES (1)");
    long before = postgres.pid();
    postgres.kill();
    postgres.start();
    assertTrue(postgres.pid() != before);
    assertEquals(List.of("1"), column("gateway", "SELECT id FROM kept"));
    postgres.stop();
    postgres.start();
    // Starting again creates nothing twice.
    postgres.createRoles(PASSWORDS);
    assertEquals(List.of("1"), column("gateway", "SELECT id FROM kept"));
  }

  @Test
  void theServerRunsInAFolderThatIsClosedToOthers() throws Exception {
    Path closed = Files.createDirectory(folder.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    try (var server =
        new EmbeddedPostgres(closed.resolve("postgres"), FreePorts.one(), line -> {})) {
      server.start();
      assertTrue(server.alive());
    }
  }

  @Test
  void aFirstStartThatWasCutOffIsMadeAnew() throws Exception {
    Path cut = Files.createDirectories(folder.resolve("cut"));
    Files.createDirectories(cut.resolve("data.new/base"));
    Files.writeString(cut.resolve("data.new/PG_VERSION"), "18");
    try (var server = new EmbeddedPostgres(cut, FreePorts.one(), line -> {})) {
      server.start();
      assertTrue(server.alive());
      assertFalse(Files.exists(cut.resolve("data.new")));
    }
  }

  @Test
  void aServerThatCannotStartIsNotTriedForMinutes() throws Exception {
    Path broken = Files.createDirectory(folder.resolve("broken"));
    Secrets.create(broken.resolve("superuser.password"));
    Files.writeString(Files.createDirectory(broken.resolve("data")).resolve("PG_VERSION"), "18");
    try (var server = new EmbeddedPostgres(broken, FreePorts.one(), line -> {})) {
      assertThrows(IllegalStateException.class, server::start);
      assertFalse(server.alive());
    }
  }

  @Test
  void whatIsThereAndNoDatabaseIsLeftAsItIs() throws Exception {
    Path partly = Files.createDirectories(folder.resolve("partly/data/base"));
    try (var server = new EmbeddedPostgres(folder.resolve("partly"), FreePorts.one(), line -> {})) {
      assertThrows(UncheckedIOException.class, server::start);
      assertTrue(Files.isDirectory(partly));
    }
  }

  @Test
  void aServerLeftBehindIsStoppedFirst() throws SQLException {
    long orphan = postgres.pid();
    var successor =
        new EmbeddedPostgres(folder.resolve("postgres"), FreePorts.one(), System.out::println);
    successor.start();
    try {
      assertTrue(ProcessHandle.of(orphan).isEmpty());
    } finally {
      successor.stop();
      postgres.start();
    }
  }

  /// As where its supervisor was killed while it started, and noted no process yet.
  @Test
  void aServerThatNobodyNotedIsFoundByItsData() throws IOException {
    long orphan = postgres.pid();
    Path written = folder.resolve("postgres/data/postmaster.pid");
    List<String> lines = new ArrayList<>(Files.readAllLines(written));
    try {
      // A clock that was set meanwhile makes its start another.
      lines.set(2, Long.toString(Long.parseLong(lines.get(2).strip()) - 3_600));
      Files.write(written, lines);
      Path copy = Files.createDirectories(folder.resolve("copy/data"));
      Files.write(copy.resolve("postmaster.pid"), lines);
      assertFalse(EmbeddedPostgres.stopOrphan(folder.resolve("copy"), System.out::println));
      assertTrue(EmbeddedPostgres.stopOrphan(folder.resolve("postgres"), System.out::println));
      assertTrue(ProcessHandle.of(orphan).isEmpty());
      assertFalse(EmbeddedPostgres.stopOrphan(folder.resolve("postgres"), System.out::println));
      assertFalse(EmbeddedPostgres.stopOrphan(folder.resolve("nothing"), System.out::println));
    } finally {
      postgres.start();
    }
  }

  private static Connection as(String role) throws SQLException {
    return DatabaseRoles.connect(postgres.server(), "countersign", role, role + "-pw");
  }

  private static void execute(String role, String... sql) throws SQLException {
    try (Connection connection = as(role);
        Statement statement = connection.createStatement()) {
      for (String one : sql) {
        statement.execute(one);
      }
    }
  }

  private static List<String> column(String role, String sql) throws SQLException {
    List<String> values = new ArrayList<>();
    try (Connection connection = as(role);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    return values;
  }

  private static void assertRefused(String role, String sql) {
    SQLException refused =
        assertThrows(SQLException.class, () -> execute(role, sql), role + ": " + sql);
    assertEquals(INSUFFICIENT_PRIVILEGE, refused.getSQLState(), role + ": " + sql);
  }
}
