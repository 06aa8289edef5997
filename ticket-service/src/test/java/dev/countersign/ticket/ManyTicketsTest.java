package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionCancelled;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Decision;
import dev.countersign.events.Expired;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.ticket.application.CastVote;
import dev.countersign.ticket.application.FindTickets;
import dev.countersign.ticket.domain.Outcome;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.VertxContextSupport;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.Test;

/// What happens when a lot happens.
@QuarkusTest
@SuppressWarnings("NullAway.Init") // injected
class ManyTicketsTest extends TicketServiceTest {

  private static final Logger LOG = Logger.getLogger(ManyTicketsTest.class);
  private static final int PENDING = 100_000;

  @Inject CastVote vote;
  @Inject Mutiny.SessionFactory sessions;

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void ofAHundredCommandsAtOnceOneWinsAndEverybodyLearnsTheSame() throws Exception {
    hundredCommands(false);
  }

  @Test
  void ofAHundredCommandsAroundTheDeadlineOneWinsAndEverybodyLearnsTheSame() throws Exception {
    hundredCommands(true);
  }

  private void hundredCommands(boolean aroundTheDeadline) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Browser> people = new ArrayList<>();
    for (String each : List.of("alice", "bob", "carol")) {
      people.add(signedIn(each));
    }
    // A near deadline where it is to take part, and else one that a busy machine does not miss.
    Duration deadline = aroundTheDeadline ? Duration.ofSeconds(30) : Duration.ofHours(1);
    Verdict.ApprovalRequired verdict =
        Verdicts.required(
            Verdicts.id(),
            new Agent("crowd-bot-" + UUID.randomUUID(), null, null, null),
            "48200.00",
            Verdicts.requirement(Assurance.CODE, deadline, Verdicts.seats(1, "finance")));
    TicketOpened opened = open(verdict);
    String path = path(verdict);
    List<Map<String, String>> forms =
        people.stream().map(each -> Browser.form(each.get(path).body(), "approve")).toList();

    CountDownLatch go = new CountDownLatch(1);
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> statuses = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        int who = random.nextInt(people.size());
        int what = random.nextInt(5);
        statuses.add(
            pool.submit(() -> {
              go.await();
              return command(people.get(who), forms.get(who), path, verdict, what);
            }));
      }
      if (aroundTheDeadline) {
        // The expiry task is a hundred-and-first command then.
        Duration left = Duration.between(Instant.now(), opened.expiresAt().minusMillis(30));
        var _ = go.await(Math.max(0, left.toMillis()), TimeUnit.MILLISECONDS);
      }
      go.countDown();
      for (Future<Integer> each : statuses) {
        int status = each.get();
        assertTrue(status == 200 || status == 409, "status " + status + ", seed " + seed);
      }
    }

    TreeSet<String> learnt = new TreeSet<>();
    for (Browser each : people) {
      learnt.add(json(each.get("/v1" + path)).path("state").textValue());
    }
    assertEquals(1, learnt.size(), "seed " + seed);
    assertFalse(learnt.contains("pending"), "seed " + seed);
    int decisions =
        wire.about(verdict.actionId(), Topics.DECISION, 0).size()
            + wire.about(verdict.actionId(), Topics.EXPIRED, 0).size();
    wire.publish(Verdicts.allowed(verdict.actionId(), "1.00"));
    wire.about(verdict.actionId(), Topics.DEAD_LETTER, 1);
    int later =
        wire.about(verdict.actionId(), Topics.DECISION, 0).size()
            + wire.about(verdict.actionId(), Topics.EXPIRED, 0).size();
    assertEquals(1, later, "decisions at first " + decisions + ", seed " + seed);
  }

  private int command(
      Browser browser, Map<String, String> form, String path, Verdict verdict, int what) {
    return switch (what) {
      case 0 -> {
        Map<String, String> approve = new HashMap<>(form);
        approve.put("typed-2", "EUR 48200.00");
        yield browser.post(path, approve).statusCode();
      }
      case 1 -> {
        Map<String, String> reject = new HashMap<>(form);
        reject.put("answer", "reject");
        yield browser.post(path, reject).statusCode();
      }
      case 2 -> {
        wire.publish(new ActionCancelled(verdict.actionId(), null, "billing-bot", null));
        yield 200;
      }
      case 3 -> {
        Map<String, String> unexpected = new HashMap<>(form);
        unexpected.put("answer", "unexpected");
        yield browser.post(path, unexpected).statusCode();
      }
      default -> browser.get(path).statusCode();
    };
  }

  /// The database ends one transaction of a ring. Had that one been a batch of votes, each of them
  /// would have been told that it failed.
  @Test
  void votesWhoseTransactionTheDatabaseHadGiveWayAreCountedAllTheSame() throws Exception {
    int rounds = 0;
    while (!theServiceGaveWay()) {
      rounds++;
      assertTrue(rounds < 10, "the database had the other one give way each time");
    }
  }

  /// Two transactions that wait for each other; whether it was the service's that had to give way.
  /// PostgreSQL looks for such a circle once, a second after a wait began: on a busy machine it may
  /// find it from the other's side.
  private boolean theServiceGaveWay() throws Exception {
    boolean gaveWay = true;
    List<Verdict.ApprovalRequired> verdicts =
        Stream.generate(() -> Verdicts.required(Verdicts.id(), 1))
            .limit(3)
            .sorted(Comparator.comparing(each -> each.actionId().toString()))
            .toList();
    open(verdicts);
    ActionId first = verdicts.get(0).actionId();
    ActionId second = verdicts.get(1).actionId();
    ActionId before = verdicts.get(2).actionId();
    String lock = "select 1 from ticket where action_id = ? for update";
    List<CompletableFuture<Optional<Outcome>>> votes = new ArrayList<>();
    try (Connection other = transaction();
        Connection gate = transaction()) {
      in(other, lock, second.value());
      in(gate, lock, before.value());
      // While this one waits, the next two gather in one batch.
      votes.add(yes(verdicts.get(2)));
      awaitBlockedBy(gate, votes.getFirst()::isDone);
      votes.add(yes(verdicts.get(0)));
      votes.add(yes(verdicts.get(1)));
      gate.rollback();
      awaitBlockedBy(other, votes.getLast()::isDone);
      try {
        in(other, lock, first.value());
      } catch (SQLException e) {
        assertEquals("40P01", e.getSQLState(), e::toString);
        gaveWay = false;
      }
      other.rollback();
    }
    for (CompletableFuture<Optional<Outcome>> each : votes) {
      assertInstanceOf(Outcome.Answered.class, each.get(20, TimeUnit.SECONDS).orElseThrow());
    }
    verdicts.forEach(each -> assertEquals(Decision.Outcome.APPROVED, decision(each).outcome()));
    return gaveWay;
  }

  private CompletableFuture<Optional<Outcome>> yes(Verdict.ApprovalRequired verdict) {
    return vote.cast(
            verdict.actionId(),
            new CastVote.Ballot(
                "alice",
                Assurance.CODE,
                Answer.APPROVE,
                0,
                verdict.prompt().digest(),
                Map.of(2, "EUR 48200.00"),
                null,
                null,
                null,
                null))
        .subscribeAsCompletionStage();
  }

  @Test
  void anInboxIsFoundHoweverManyTicketsWaitForOthersOrAreOnesOwn() throws Exception {
    Verdict.ApprovalRequired platforms =
        Verdicts.required(
            Verdicts.id(),
            Verdicts.BOT,
            "1.00",
            Verdicts.requirement(
                Assurance.CODE, Duration.ofMinutes(20), Verdicts.seats(1, "platform")));
    Verdict.ApprovalRequired carols =
        Verdicts.required(
            Verdicts.id(),
            new Agent("ledger-bot", null, null, null),
            "1.00",
            Verdicts.requirement(
                Assurance.CODE, Duration.ofMinutes(30), Verdicts.seats(1, "finance")));
    Verdict.ApprovalRequired theirs = Verdicts.required(Verdicts.id(), 1);
    List<Verdict> all = List.of(platforms, carols, theirs);
    open(all);
    try (Connection connection = database.getConnection()) {
      copy(connection, platforms.actionId(), 2_500);
      copy(connection, carols.actionId(), 2_500);
    }

    String inbox = signedIn("carol").get("/").body();

    assertTrue(inbox.contains(theirs.actionId().toString()), inbox);
    assertFalse(inbox.contains(carols.actionId().toString()), inbox);
    assertEquals(
        FindTickets.INBOX,
        signedIn("dave").get("/").body().split("href=\"/tickets/", -1).length - 1);
  }

  @Test
  void theDatabaseSpendsNoSecondsOnCompilingWhatTakesMilliseconds() throws Throwable {
    assertEquals(
        "off",
        VertxContextSupport.subscribeAndAwait(() ->
            sessions.withStatelessSession(
                session -> session.createNativeQuery("show jit", String.class).getSingleResult())));
  }

  private static void copy(Connection connection, ActionId id, int times) throws SQLException {
    execute(
        connection,
        """
        insert into ticket (action_id, version, state, action_digest, action, prompt, prompt_digest,
            card, requirement, asks, opened_at, expires_at, traceparent)
        select gen_random_uuid(), version, state, action_digest, action, prompt, prompt_digest, card,
            requirement, asks, opened_at, expires_at, traceparent
        from ticket, generate_series(1, %d) where action_id = '%s'
        """
            .formatted(times, id));
  }

  @Test
  void expiryAndOpeningCostWithAHundredThousandPendingWhatTheyCostWithAHundred() throws Exception {
    try (Connection connection = database.getConnection()) {
      execute(connection, "analyze ticket");
      Duration few = openAndExpire(200);
      fill(connection);
      String plan =
          plan(
              connection,
              "select action_id from ticket where state = 'pending'"
                  + " and expires_at <= now() order by expires_at limit 500 for update skip locked");
      assertTrue(plan.contains("ticket_due"), plan);
      assertFalse(plan.contains("Seq Scan"), plan);
      String next = plan(connection, "select min(expires_at) from ticket where state = 'pending'");
      assertTrue(next.contains("ticket_due"), next);
      assertFalse(next.contains("Seq Scan"), next);
      Duration many = openAndExpire(200);
      LOG.infof(
          "200 tickets opened and expired: %d ms with few pending, %d ms with %d",
          few.toMillis(), many.toMillis(), PENDING);
    }
  }

  /// From the first verdict until the last is expired; one second of it is the deadline.
  private Duration openAndExpire(int count) {
    Instant start = Instant.now();
    List<ActionId> ids = IntStream.range(0, count).mapToObj(_ -> Verdicts.id()).toList();
    wire.publishAll(
        ids.stream()
            .map(id ->
                Verdicts.required(
                    id,
                    Verdicts.BOT,
                    "1.00",
                    Verdicts.requirement(
                        Assurance.CODE, Duration.ofSeconds(1), Verdicts.seats(1, "finance"))))
            .toList());
    wire.first(Expired.class, ids, Topics.EXPIRED);
    return Duration.between(start, Instant.now());
  }

  private static void fill(Connection connection) throws SQLException {
    execute(
        connection,
        """
        insert into ticket (action_id, version, state, action_digest, action, prompt, prompt_digest,
            card, requirement, opened_at, expires_at, traceparent)
        select gen_random_uuid(), 0, 'pending', 'sha256:' || repeat('0', 64), '{}', '{}', '', '{}',
            '{}', now(), now() + interval '1 day' + n * interval '1 second', '00-00000000000000000000000000000001-0000000000000001-00'
        from generate_series(1, %d) as n
        """
            .formatted(PENDING));
    execute(connection, "analyze ticket");
  }

  private static String plan(Connection connection, String sql) throws SQLException {
    StringBuilder plan = new StringBuilder();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("explain (analyze, costs off) " + sql)) {
      while (rows.next()) {
        plan.append(rows.getString(1)).append('\n');
      }
    }
    return plan.toString();
  }
}
