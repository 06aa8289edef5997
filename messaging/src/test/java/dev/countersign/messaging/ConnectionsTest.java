package dev.countersign.messaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.testservers.Servers;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.VertxContextSupport;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.junit.jupiter.api.Test;

/// How every service's connections to its database are.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class ConnectionsTest {

  private static final String PATIENCE =
      """
      select string_agg(setting || coalesce(unit, ''), ' ' order by name) from pg_settings
      where name like 'tcp%' or name = 'idle_in_transaction_session_timeout'
        or name = 'client_connection_check_interval'
      """;

  @Inject Mutiny.SessionFactory sessions;
  @Inject AgroalDataSource jdbc;
  @Inject Elections elections;
  @Inject Vertx vertx;

  @ConfigProperty(name = "countersign.db")
  String database;

  @ConfigProperty(name = "countersign.db.password")
  String password;

  @Test
  void longOnesStayPreparedToo() throws Throwable {
    String statement = "select cast('" + "x".repeat(4_000) + "' as text)";

    long kept =
        VertxContextSupport.subscribeAndAwait(() ->
            sessions.withStatelessTransaction(session ->
                session
                    .createNativeQuery(statement, String.class)
                    .getSingleResult()
                    .chain(() ->
                        session
                            .createNativeQuery(
                                "select count(*) from pg_prepared_statements"
                                    + " where length(statement) > 4000",
                                Long.class)
                            .getSingleResult())));

    assertEquals(1, kept);
  }

  @Test
  void noTableIsReadWhereARowCanBeLookedUp() throws Throwable {
    assertEquals(
        "off",
        VertxContextSupport.subscribeAndAwait(() ->
            sessions.withStatelessTransaction(session ->
                session
                    .createNativeQuery("select current_setting('enable_seqscan')", String.class)
                    .getSingleResult())));
  }

  @Test
  void whoIsGoneWithoutAWordIsNoticedWhicheverWayTheyCameIn() throws Throwable {
    String work = "5000ms 60000ms 3 15s 5s 30000ms";
    assertEquals(
        work,
        VertxContextSupport.subscribeAndAwait(() ->
            sessions.withStatelessTransaction(
                session -> session.createNativeQuery(PATIENCE, String.class).getSingleResult())));
    CompletableFuture<String> elected = new CompletableFuture<>();
    try (Elected _ =
        elections.start(
            "patience",
            null,
            Duration.ofMinutes(1),
            connection -> {
              elected.complete(one(connection, PATIENCE));
              return false;
            })) {
      assertEquals(work, elected.get(60, TimeUnit.SECONDS));
    }
    try (Connection migrating = jdbc.getConnection()) {
      assertEquals(work.replace(" 60000ms", " 0ms"), one(migrating, PATIENCE));
    }
  }

  /// It sleeps: to whoever waits for it, the same as one that is gone.
  @Test
  void onAConnectionThatFallsSilentNobodyWaitsForEver() {
    Pool pool =
        new ReactivePool("", Duration.ofSeconds(1), Optional.empty(), "")
            .create(to(PgConnectOptions.fromUri("postgresql://" + database).setPassword(password)));
    var asleep = pool.query("select pg_sleep(120)").execute().toCompletionStage();
    ExecutionException ended =
        assertThrows(
            ExecutionException.class, () -> asleep.toCompletableFuture().get(60, TimeUnit.SECONDS));
    assertTrue(Failures.isAway(ended), ended.toString());
    // Its place is free again, as soon as the pool has heard of it.
    long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    CompletableFuture<?> next;
    do {
      next = pool.query("select 1").execute().toCompletionStage().toCompletableFuture();
    } while (next.handle((_, failure) -> failure != null).join() && System.nanoTime() < until);
    next.join();
    pool.close();
  }

  private OnePlace to(PgConnectOptions options) {
    return new OnePlace(vertx, options.setUser("gateway"));
  }

  @Test
  void whatIsSetForOneUseOfAConnectionEndsWithIt() throws SQLException {
    int process;
    try (Connection migrating = jdbc.getConnection()) {
      process = backend(migrating);
      try (Statement statement = migrating.createStatement()) {
        statement.execute("set countersign.migrating = 'on'");
      }
    }
    try (Connection next = jdbc.getConnection()) {
      assertEquals(process, backend(next), "the same again");
      assertNotEquals("on", one(next, "select current_setting('countersign.migrating', true)"));
    }
  }

  private static int backend(Connection connection) throws SQLException {
    return Integer.parseInt(one(connection, "select pg_backend_pid()"));
  }

  private static String one(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }
}
