package dev.countersign.audit.application;

import static org.awaitility.Awaitility.await;

import dev.countersign.testservers.Servers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/// What the owner of the log's database can do with it.
record Backups(String database) {

  static final List<String> TABLES =
      List.of(
          "leaf", "payload", "node", "checkpoint", "cosigned", "state", "published", "attested");

  private static final Duration SOON = Duration.ofSeconds(60);

  /// As somebody does who owns the tables: the guards off, and on again.
  static void unguarded(Statement sql, String... edits) throws SQLException {
    for (String table : TABLES) {
      sql.execute("alter table " + table + " disable trigger user");
    }
    // What refers to a checkpoint goes and comes with it.
    sql.execute("alter table cosigned drop constraint if exists cosigned_size_fkey");
    for (String edit : edits) {
      sql.execute(edit);
    }
    for (String table : TABLES) {
      sql.execute("alter table " + table + " enable trigger user");
    }
  }

  Connection owner() throws SQLException {
    Connection connection =
        DriverManager.getConnection(
            "jdbc:postgresql://" + database, "audit_migrator", Servers.PASSWORD);
    connection.setAutoCommit(false);
    return connection;
  }

  /// As a backup does that is put back: of all tables, as they were at this size.
  void putBack(long size) throws SQLException {
    try (Connection connection = owner();
        Statement sql = connection.createStatement()) {
      byte[] frontier;
      byte[] root;
      try (PreparedStatement kept =
          connection.prepareStatement("select root, frontier from backup where size = ?")) {
        kept.setLong(1, size);
        try (ResultSet row = kept.executeQuery()) {
          row.next();
          root = row.getBytes(1);
          frontier = row.getBytes(2);
        }
      }
      String hex = HexFormat.of().formatHex(frontier);
      unguarded(
          sql,
          "delete from cosigned where size > " + size,
          "delete from checkpoint where size > " + size,
          "delete from payload where idx >= " + size,
          "delete from leaf where idx >= " + size,
          "delete from node where (idx + 1) << (8 * level) > " + size,
          "update published set size = " + size,
          "update attested set size = " + size,
          "update state set size = %d, root = decode('%s', 'hex'), frontier = decode('%s', 'hex')"
              .formatted(size, HexFormat.of().formatHex(root), hex));
      connection.commit();
    }
  }

  /// Of the log as it is now.
  void take() throws SQLException {
    try (Connection connection = owner();
        Statement sql = connection.createStatement()) {
      sql.execute("create table if not exists backup (size bigint, root bytea, frontier bytea)");
      sql.execute("insert into backup select size, root, frontier from state");
      connection.commit();
    }
  }

  /// Waits until so many entries stand on the topic `audit`.
  void awaitPublished(long size) {
    await()
        .atMost(SOON)
        .until(() -> {
          try (Connection connection = owner();
              Statement sql = connection.createStatement();
              ResultSet row = sql.executeQuery("select size from published")) {
            row.next();
            return row.getLong(1) >= size;
          }
        });
  }
}
