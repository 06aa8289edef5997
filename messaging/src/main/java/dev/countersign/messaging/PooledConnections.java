package dev.countersign.messaging;

import io.agroal.api.AgroalPoolInterceptor;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jboss.logging.Logger;

/// Ends with each use of a JDBC connection what it was set to for that use. Flyway's may change
/// what nobody may change before a new epoch has begun (ADR 0028), and whoever got it from the pool
/// next could, too.
@Singleton
class PooledConnections implements AgroalPoolInterceptor {

  private static final Logger LOG = Logger.getLogger(PooledConnections.class);

  @Override
  public void onConnectionReturn(Connection connection) {
    try (Statement statement = connection.createStatement()) {
      statement.execute("reset all");
    } catch (SQLException e) {
      LOG.warnf("A connection could not be reset and is ended cause=%s", e.toString());
      end(connection);
    }
  }

  private static void end(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      LOG.debugf(e, "Connection was gone already");
    }
  }
}
