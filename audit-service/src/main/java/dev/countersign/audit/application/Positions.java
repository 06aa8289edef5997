package dev.countersign.audit.application;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// How far someone follows the log, and how far it goes.
record Positions(long follower, long head) {

  /// @param table where the follower notes it
  static Positions read(Connection connection, String table) throws SQLException {
    try (Statement select = connection.createStatement();
        ResultSet row =
            select.executeQuery("select f.size, s.size from state s, " + table + " f")) {
      row.next();
      return new Positions(row.getLong(1), row.getLong(2));
    }
  }
}
