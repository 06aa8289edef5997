package dev.countersign.messaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
class ElectedTest {

  private static final Duration POLL = Duration.ofMillis(50);

  @Inject Elections elections;

  @ConfigProperty(name = "quarkus.datasource.jdbc.url")
  String url;

  @ConfigProperty(name = "quarkus.datasource.username")
  String user;

  @ConfigProperty(name = "quarkus.datasource.password")
  String password;

  @ConfigProperty(name = "countersign.db.options")
  String options;

  @Test
  void oneRunsAndTheNextTakesOverWhenItStops() throws Exception {
    CountDownLatch first = new CountDownLatch(3);
    CountDownLatch second = new CountDownLatch(1);
    Elected leader = elections.start("one-of-two", null, POLL, _ -> down(first));
    assertTrue(first.await(60, TimeUnit.SECONDS), "the first never ran");
    try (Elected _ = elections.start("one-of-two", null, POLL, _ -> down(second))) {
      assertFalse(second.await(POLL.toMillis() * 6, TimeUnit.MILLISECONDS), "both ran");
      leader.close();
      assertTrue(second.await(60, TimeUnit.SECONDS), "nobody took over");
    }
  }

  @Test
  void aFailedRoundIsStartedOver() throws Exception {
    AtomicInteger rounds = new AtomicInteger();
    CountDownLatch again = new CountDownLatch(1);
    try (Elected _ =
        elections.start(
            "fails-once",
            null,
            POLL,
            _ -> {
              if (rounds.incrementAndGet() == 1) {
                throw new IllegalStateException("the first round fails");
              }
              return down(again);
            })) {
      assertTrue(again.await(60, TimeUnit.SECONDS), "no second round");
    }
  }

  @Test
  void aNotificationWakesItBeforeThePoll() throws Exception {
    CountDownLatch listening = new CountDownLatch(1);
    CountDownLatch woken = new CountDownLatch(2);
    try (Elected _ =
        elections.start(
            "woken",
            "woken_channel",
            Duration.ofMinutes(10),
            _ -> {
              listening.countDown();
              return down(woken);
            })) {
      assertTrue(listening.await(60, TimeUnit.SECONDS));
      try (Elected _ =
          elections.start(
              "waker",
              null,
              POLL,
              connection -> {
                execute(connection, "notify woken_channel");
                return false;
              })) {
        assertTrue(woken.await(60, TimeUnit.SECONDS), "the notification woke nobody");
      }
    }
    assertEquals(0, woken.getCount());
  }

  /// It sleeps: to whoever waits for it, the same as one that is gone.
  @Test
  void aStatementThatIsNotAnsweredIsStartedOverAndAWaitForNewsIsNot() throws Exception {
    AtomicInteger rounds = new AtomicInteger();
    Set<Connection> used = ConcurrentHashMap.newKeySet();
    CountDownLatch third = new CountDownLatch(1);
    Elections impatient = new Elections(url, user, password, options, Duration.ofSeconds(1));
    try (Elected _ =
        impatient.start(
            "impatient",
            "no_news",
            Duration.ofSeconds(3),
            connection -> {
              used.add(connection);
              int round = rounds.incrementAndGet();
              if (round == 1) {
                execute(connection, "select pg_sleep(120)");
              } else if (round == 3) {
                third.countDown();
              }
              return false;
            })) {
      assertTrue(third.await(60, TimeUnit.SECONDS), () -> "rounds: " + rounds);
    }
    assertEquals(2, used.size(), "only the statement's silence ended a connection");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static boolean down(CountDownLatch latch) {
    latch.countDown();
    return false;
  }
}
