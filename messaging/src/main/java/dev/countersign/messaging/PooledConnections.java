package dev.countersign.messaging;

import io.agroal.api.AgroalPoolInterceptor;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jboss.logging.Logger;
import org.postgresql.jdbc.PgConnection;

/// Ends the right that Flyway has on a JDBC connection when it gives that back to the pool: to
/// change what nobody may change before a new epoch has begun (ADR 0028). Whoever got the
/// connection next would have it, too.
@Singleton
class PooledConnections implements AgroalPoolInterceptor {

  private static final Logger LOG = Logger.getLogger(PooledConnections.class);

  @Override
  public void onConnectionReturn(Connection connection) {
    try (Statement statement = connection.createStatement()) {
      statement.execute("set countersign.migrating = ''");
    } catch (SQLException e) {
      LOG.warnf("A connection could not be reset and is ended cause=%s", e.toString());
      end(connection);
    }
  }

  /// Past the pool's wrapper, which ends nothing. The pool notices by the next use of it, and that
  /// is here: nobody gets it any more.
  private static void end(Connection connection) {
    try {
      connection.unwrap(PgConnection.class).abort(Runnable::run);
      connection.createStatement().close();
    } catch (SQLException e) {
      LOG.debugf(e, "Connection is gone");
    }
  }
}
