package dev.countersign.messaging;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/// A task that runs on one instance of the service at a time: the one whose connection holds the
/// advisory lock. The lock lives and dies with the connection, so a dead or cut-off instance is
/// succeeded as soon as the database notices: half a minute after the last sign of life.
///
/// It has a thread and a connection of its own and may block on both.
public final class Elected implements AutoCloseable {

  /// One round of work; `true` when there may be more at once. Autocommit is on.
  @FunctionalInterface
  public interface Task {
    boolean run(Connection connection) throws Exception;
  }

  /// Where the database is and who asks.
  ///
  /// @param options of the session, as `postgres` takes them
  /// @param silence after which a statement has no answer any more; to the second
  record Database(String url, String user, String password, String options, Duration silence) {}

  private static final Logger LOG = Logger.getLogger(Elected.class);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);

  private final String name;
  private final Database database;
  private final @Nullable String channel;
  private final Duration poll;
  private final Task task;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable Connection open;

  Elected(String name, Database database, @Nullable String channel, Duration poll, Task task) {
    this.name = name;
    this.database = database;
    this.channel = channel;
    this.poll = poll;
    this.task = task;
    this.thread = Thread.ofPlatform().daemon().name("elected-" + name).unstarted(this::live);
  }

  void start() {
    thread.start();
  }

  private void live() {
    while (!pause(Duration.ZERO)) {
      try (Connection connection = connect()) {
        open = connection;
        candidate(connection);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (Exception e) {
        if (stopped.getCount() == 0) {
          return;
        }
        LOG.warnf("Elected task failed and starts over task=%s cause=%s", name, e.toString());
      } finally {
        open = null;
      }
      pause(PAUSE_AFTER_FAILURE);
    }
  }

  private void candidate(Connection connection) throws Exception {
    while (!locked(connection)) {
      if (pause(poll)) {
        return;
      }
    }
    if (channel != null) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("listen \"" + channel + "\"");
      }
    }
    PGConnection notified = connection.unwrap(PGConnection.class);
    while (!pause(Duration.ZERO)) {
      if (!task.run(connection)) {
        notified.getNotifications(Math.max(1, (int) poll.toMillis()));
      }
    }
  }

  private boolean locked(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select pg_try_advisory_lock(hashtextextended(current_schema() || '/' || ?, 0))")) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  private Connection connect() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", database.user);
    properties.setProperty("password", database.password);
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("connectTimeout", "5");
    // The wait for a notification has its own.
    properties.setProperty("socketTimeout", Long.toString(database.silence.toSeconds()));
    properties.setProperty("options", database.options);
    properties.setProperty("ApplicationName", "elected-" + name);
    return DriverManager.getConnection(database.url, properties);
  }

  /// Waits, at most this long; `true` when the task is to stop.
  private boolean pause(Duration most) {
    try {
      return stopped.await(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /// Stops after the round that is under way, or cuts it off when it takes longer than five
  /// seconds.
  @Override
  public void close() {
    stopped.countDown();
    try {
      thread.join(Duration.ofMillis(Math.min(5_000, poll.toMillis() + 1_000)));
      Connection connection = open;
      if (thread.isAlive() && connection != null) {
        connection.abort(Runnable::run);
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException e) {
      LOG.debugf(e, "Connection was gone already task=%s", name);
    }
  }
}
