package dev.countersign.ticket;

import dev.countersign.testservers.Servers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/// What a test left waiting, taken away: other tests' inboxes must not drown in it.
final class Leftovers {

  private Leftovers() {}

  static void remove(String database) throws SQLException {
    try (Connection connection = DriverManager.getConnection(database, "ticket", Servers.PASSWORD);
        Statement statement = connection.createStatement()) {
      for (String of : List.of("vote", "seen")) {
        statement.execute(
            "delete from %s where action_id in (select action_id from ticket where state = 'pending')"
                .formatted(of));
      }
      statement.execute("delete from ticket where state = 'pending'");
    }
  }
}
