package dev.countersign.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.postgresql.PGConnection;

/// The database `countersign` with one role and one schema a service, as `roles.sql` says.
public final class DatabaseRoles {

  /// The database's name.
  public static final String DATABASE = "countersign";

  /// All roles that somebody logs in as.
  public static final List<String> LOGINS =
      List.of("gateway", "policy", "ticket", "notifier", "executor", "audit", "audit_migrator");

  private DatabaseRoles() {}

  /// Creates what is missing, and sets the passwords.
  ///
  /// @param server `host:port`
  /// @param superuser a role that may create roles
  /// @param passwords one for each of [#LOGINS]
  public static void create(
      String server, String superuser, String superuserPassword, Map<String, String> passwords) {
    try {
      createDatabase(server, superuser, superuserPassword);
      try (Connection connection = connect(server, DATABASE, superuser, superuserPassword)) {
        try (Statement statement = connection.createStatement()) {
          statement.execute(sql());
        }
        for (String role : LOGINS) {
          String password = passwords.get(role);
          if (password == null) {
            throw new IllegalArgumentException("no password for the database role " + role);
          }
          // Hashed here: the server sees no password, and neither does its log.
          connection
              .unwrap(PGConnection.class)
              .alterUserPassword(role, password.toCharArray(), "scram-sha-256");
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(
          "the database's roles could not be created: " + e.getMessage(), e);
    }
  }

  private static void createDatabase(String server, String superuser, String password)
      throws SQLException {
    try (Connection connection = connect(server, "postgres", superuser, password);
        Statement statement = connection.createStatement()) {
      try (ResultSet found =
          statement.executeQuery("SELECT FROM pg_database WHERE datname = '" + DATABASE + "'")) {
        if (found.next()) {
          return;
        }
      }
      statement.execute("CREATE DATABASE " + DATABASE);
    }
  }

  static Connection connect(String server, String database, String role, String password)
      throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", role);
    properties.setProperty("password", password);
    return DriverManager.getConnection("jdbc:postgresql://" + server + "/" + database, properties);
  }

  private static String sql() {
    try (InputStream resource = DatabaseRoles.class.getResourceAsStream("roles.sql")) {
      if (resource == null) {
        throw new IllegalStateException("roles.sql is missing from the launcher's jar");
      }
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
