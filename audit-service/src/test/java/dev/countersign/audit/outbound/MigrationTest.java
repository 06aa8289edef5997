package dev.countersign.audit.outbound;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.launcher.DatabaseRoles;
import dev.countersign.launcher.EmbeddedPostgres;
import dev.countersign.launcher.FreePorts;
import dev.countersign.tlog.Frontier;
import dev.countersign.tlog.Hash;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The log of the first version, whose entries were linked, becomes a tree over the same leaves;
/// and what an index of before knew that it must not, goes.
class MigrationTest {

  private static final String PASSWORD = "migration-test";

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  @SuppressWarnings("NullAway.Init") // set before each test
  private EmbeddedPostgres postgres;

  private final List<Hash> leaves = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    postgres =
        new EmbeddedPostgres(
            folder.resolve("postgres"),
            FreePorts.one(),
            EmbeddedPostgres.Durability.PROCESS,
            line -> {});
    postgres.start();
    postgres.createRoles(
        DatabaseRoles.LOGINS.stream().collect(Collectors.toMap(role -> role, _ -> PASSWORD)));
    migrate("1");
  }

  @AfterEach
  void stop() {
    postgres.close();
  }

  private void migrate(String version) {
    Flyway.configure()
        .dataSource("jdbc:postgresql://" + postgres.address(), "audit_migrator", PASSWORD)
        .locations("classpath:db/migration")
        .target(version)
        .load()
        .migrate();
  }

  private Connection connect(String role) throws SQLException {
    return DriverManager.getConnection("jdbc:postgresql://" + postgres.address(), role, PASSWORD);
  }

  /// As the first version appended: each linked to the one before.
  private void append(int entries) throws SQLException {
    byte[] link = new byte[32];
    try (Connection connection = connect("audit");
        PreparedStatement leaf =
            connection.prepareStatement(
                "insert into leaf (idx, event_id, leaf_hash, link, entry, topic)"
                    + " values (?, ?, ?, ?, ?, 'verdict')");
        PreparedStatement payload =
            connection.prepareStatement(
                "insert into payload (idx, salt, headers) values (?, ?, '[]')");
        PreparedStatement head =
            connection.prepareStatement("update state set size = ?, link = ?")) {
      connection.setAutoCommit(false);
      for (int n = 0; n < entries; n++) {
        String entry = "{\"n\":" + n + "}";
        Hash hash = Hash.ofLeaf(entry.getBytes(StandardCharsets.UTF_8));
        leaves.add(hash);
        MessageDigest sha256 = Hash.sha256();
        sha256.update(link);
        link = sha256.digest(hash.bytes());
        leaf.setInt(1, n);
        leaf.setBytes(2, Hash.ofLeaf(hash.bytes()).bytes());
        leaf.setBytes(3, hash.bytes());
        leaf.setBytes(4, link);
        leaf.setString(5, entry);
        leaf.addBatch();
        payload.setInt(1, n);
        payload.setBytes(2, new byte[32]);
        payload.addBatch();
      }
      leaf.executeBatch();
      payload.executeBatch();
      head.setInt(1, entries);
      head.setBytes(2, link);
      head.executeUpdate();
      connection.commit();
    }
  }

  private void assertTree() throws SQLException {
    List<Hash> nodes = new ArrayList<>();
    Frontier tree = Frontier.EMPTY.append(leaves, (level, index, hash) -> nodes.add(hash));
    try (Connection connection = connect("audit");
        Statement select = connection.createStatement()) {
      try (ResultSet row = select.executeQuery("select size, root, frontier from state")) {
        assertTrue(row.next());
        assertEquals(tree.size(), row.getLong(1));
        assertArrayEquals(tree.root().bytes(), row.getBytes(2));
        assertArrayEquals(tree.bytes(), row.getBytes(3));
      }
      try (ResultSet row = select.executeQuery("select hash from node order by level, idx")) {
        List<Hash> stored = new ArrayList<>();
        while (row.next()) {
          stored.add(Hash.of(row.getBytes(1)));
        }
        assertEquals(nodes, stored);
      }
    }
  }

  @Test
  void linkedEntriesBecomeTheLeavesOfATree() throws Exception {
    append(777);
    migrate("2");
    assertTree();
  }

  @Test
  void anEmptyLogBecomesAnEmptyTree() throws Exception {
    migrate("2");
    assertTree();
  }

  @Test
  void aLogWhoseLinksDoNotHoldIsNotMigratedAndTheEntryIsNamed() throws Exception {
    append(10);
    try (Connection owner = connect("audit_migrator");
        Statement edit = owner.createStatement()) {
      edit.execute("alter table leaf disable trigger only_grows");
      edit.execute("update leaf set entry = '{\"n\":99}' where idx = 6");
      edit.execute("alter table leaf enable always trigger only_grows");
    }
    FlywayException refused = assertThrows(FlywayException.class, () -> migrate("2"));
    assertTrue(refused.toString().contains("entry 6 of the log"), refused::toString);
  }

  @Test
  void anIndexWithNamesOfErasedContentsIsMadeAnewAndHowActionsEndedStays() throws Exception {
    migrate("7");
    try (Connection owner = connect("audit_migrator");
        Statement edit = owner.createStatement()) {
      edit.execute(
          "insert into action (action_id, first, at, topic, agent, agent_key, tool, outcome, rank,"
              + " erased) values (gen_random_uuid(), 0, now(), 'decision', 'Ops', 'ops', 'drop',"
              + " 'rejected', 3, 1)");
      edit.execute("insert into mention values ('alice', 0, 'approver', null)");
      edit.execute("update indexed set size = 1");
    }
    migrate("9");
    try (Connection connection = connect("audit");
        Statement select = connection.createStatement();
        ResultSet row =
            select.executeQuery(
                "select outcome, rank, concat(agent, agent_key, toolset, tool),"
                    + " (select count(*) from mention), size from action, indexed")) {
      assertTrue(row.next());
      assertEquals("rejected", row.getString(1));
      assertEquals(3, row.getInt(2));
      assertEquals("", row.getString(3));
      assertEquals(0, row.getInt(4));
      assertEquals(0, row.getInt(5), "all that is left is read again");
    }
  }
}
