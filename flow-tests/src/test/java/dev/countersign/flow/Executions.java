package dev.countersign.flow;

import dev.countersign.events.ActionId;
import dev.countersign.flow.WholeSystem.Running;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// How far executors have come with some actions, as their table has it at this moment.
final class Executions {

  private Executions() {}

  /// How many of these have ended.
  static int done(Running running, Collection<ActionId> these) throws SQLException {
    return find(running, these, "action_id", "state = 'done'").size();
  }

  /// The runs of an executor that have begun any of these.
  static List<String> instances(Running running, Collection<ActionId> these) throws SQLException {
    return find(running, these, "distinct instance", "instance is not null");
  }

  /// Those of these that such an instance has begun, and whose end it has not noted.
  ///
  /// @param instance which, as a condition on `instance`
  static List<ActionId> begun(Running running, Collection<ActionId> these, String instance)
      throws SQLException {
    return find(running, these, "action_id", "state = 'started' and instance " + instance).stream()
        .map(ActionId::of)
        .toList();
  }

  private static List<String> find(
      Running running, Collection<ActionId> these, String column, String where)
      throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://" + running.system().database(),
                "executor",
                running.system().databasePassword("executor"));
        PreparedStatement select =
            connection.prepareStatement(
                "select %s from execution where action_id = any (?) and %s"
                    .formatted(column, where))) {
      select.setArray(
          1, connection.createArrayOf("uuid", these.stream().map(ActionId::value).toArray()));
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          found.add(row.getString(1));
        }
      }
    }
    return found;
  }
}
