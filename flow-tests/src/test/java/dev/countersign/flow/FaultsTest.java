package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.demo.AgentPlatform;
import dev.countersign.demo.Json;
import dev.countersign.demo.Mailbox;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Topics;
import dev.countersign.flow.Load.End;
import dev.countersign.flow.WholeSystem.Running;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Invariant 12: a service killed at any moment and started again, or a broker or database away for
/// a while, loses nothing and doubles nothing. Real processes, SIGKILL.
@ExtendWith(WholeSystem.class)
class FaultsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(150);
  private static final int PROPOSALS = 200;
  private static final int HALF = PROPOSALS / 2;
  private static final Duration DEADLINE = Duration.ofSeconds(6);
  // Long enough for a notifier that was killed to be back before it.
  private static final Duration FAR_DEADLINE = Duration.ofSeconds(90);
  private static final Duration CALL = Duration.ofSeconds(8);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
  private static final Json JSON = new Json();
  // Why an approved one may not have run at all: everything took so long that its grant had ended,
  // or its executor had no time for it.
  private static final Set<String> TOO_LATE = Set.of("grant-expired", "lease-lost");
  // And then: nobody could be asked whether it still might be run.
  private static final Set<String> NOT_KNOWN =
      Set.of("grant-expired", "lease-lost", "database-away");

  @ParameterizedTest
  // The executor: KilledAtEachStepTest, KilledAtRandomTest.
  @ValueSource(strings = {"gateway", "policy", "ticket", "notifier", "audit"})
  void aKilledServiceLosesNothingAndDoublesNothing(String service, Running running)
      throws Exception {
    boolean asks = service.equals("notifier");
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      List<Load.Case> cases = Load.of(PROPOSALS, asks ? FAR_DEADLINE : DEADLINE);
      ActionId asked = Load.ids(cases, End.EXPIRED).findFirst().orElseThrow();
      // It dies amid a transaction, and with it what waits behind that one.
      try (StandStill still = StandStill.amid(running.system(), service, asked)) {
        propose(platform, cases.subList(0, HALF));
        still.awaitReached();
        running.system().kill(service);
      }
      if (service.equals("gateway")) {
        cases.subList(HALF, PROPOSALS).forEach(each -> ask(running, each));
      } else {
        propose(platform, cases.subList(HALF, PROPOSALS));
      }
      running.system().awaitReady(service);
      assertAllEndedOnce(running, platform, cases, TOO_LATE);
      assertTrue(
          assertMailsOnce(running, platform, cases) >= Load.ids(cases, End.EXPIRED).count() / 2,
          "of those who were to be asked so few were");
    }
  }

  @Test
  void theBrokerMayBeAwayForHalfAMinute(Running running) throws Exception {
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      List<Load.Case> cases = Load.of(PROPOSALS, DEADLINE);
      propose(platform, cases.subList(0, HALF));
      Load.Case called = call(running, platform);
      running.system().holdDown("kafka");
      // The gateway's word is durable without a broker.
      for (Load.Case each : cases.subList(HALF, PROPOSALS)) {
        Json.Answer answer =
            JSON.post(running.addresses().gateway().resolve("/v1/actions"), each.proposal());
        assertEquals(202, answer.status(), answer.body().toString());
      }
      last(Duration.ofSeconds(30));
      running.system().release("kafka");
      running.system().awaitReady("kafka");
      // Its outcome is durable without a broker, too.
      assertEquals("succeeded", answer(platform, called.id(), Topics.EXECUTION, "status"));
      cases.add(called);
      assertAllEndedOnce(running, platform, cases, TOO_LATE);
      var _ = assertMailsOnce(running, platform, cases);
    }
  }

  @Test
  void theDatabaseMayBeAwayForHalfAMinute(Running running) throws Exception {
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      List<Load.Case> cases = Load.of(PROPOSALS, DEADLINE);
      propose(platform, cases.subList(0, HALF));
      cases.add(call(running, platform));
      running.system().holdDown("postgres");
      propose(platform, cases.subList(HALF, PROPOSALS));
      last(Duration.ofSeconds(30));
      running.system().release("postgres");
      running.system().awaitReady("postgres");
      assertAllEndedOnce(running, platform, cases, NOT_KNOWN);
      var _ = assertMailsOnce(running, platform, cases);
    }
  }

  private static void propose(AgentPlatform platform, List<Load.Case> cases) {
    cases.forEach(each -> platform.propose(each.id(), each.proposal()));
  }

  /// One that the target has taken, and will not have answered when the fault begins.
  private static Load.Case call(Running running, AgentPlatform platform) {
    Load.Case it = Load.answeredAfter(CALL);
    platform.propose(it.id(), it.proposal());
    Ended.awaitCalled(running, it.id(), PATIENCE);
    return it;
  }

  /// At the gateway, as an agent does that tries again until it has an answer.
  private static void ask(Running running, Load.Case it) {
    URI actions = running.addresses().gateway().resolve("/v1/actions");
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        Json.Answer answer = JSON.post(actions, it.proposal());
        if (answer.status() != 503) {
          assertEquals(2, answer.status() / 100, answer.body().toString());
          return;
        }
        assertTrue(System.nanoTime() < until, answer.body().toString());
      } catch (IllegalStateException e) {
        // It does not answer, or not any more: whether it took this nobody knows.
        if (System.nanoTime() > until) {
          throw e;
        }
      }
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
  }

  /// How long the fault itself lasts; nothing is waited for.
  private static void last(Duration fault) throws InterruptedException {
    boolean _ = new CountDownLatch(1).await(fault.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void assertAllEndedOnce(
      Running running, AgentPlatform platform, List<Load.Case> cases, Set<String> notRun) {
    for (Load.Case each : cases) {
      switch (each.end()) {
        case EXECUTED -> {
          assertEquals("approved", answer(platform, each.id(), Topics.DECISION, "outcome"));
          platform.await(Topics.EXECUTION, each.id(), PATIENCE);
        }
        case DENIED ->
            assertEquals("denied", answer(platform, each.id(), Topics.DECISION, "outcome"));
        case EXPIRED -> platform.await(Topics.EXPIRED, each.id(), PATIENCE);
      }
    }
    Ended.awaitLogged(running, platform, cases.stream().map(Load.Case::id).toList(), PATIENCE);
    for (Load.Case each : cases) {
      assertEquals(1, Ended.eventIds(platform, each.id(), Topics.ACTION_PROPOSED).size());
      assertEquals(1, Ended.eventIds(platform, each.id(), Topics.VERDICT).size());
      assertEquals(Set.of(), Ended.eventIds(platform, each.id(), Topics.DEAD_LETTER));
      Set<String> answers = Ended.eventIds(platform, each.id(), Topics.DECISION, Topics.EXPIRED);
      assertEquals(1, answers.size(), "one final answer of " + each.id());
      Set<String> executions = Ended.eventIds(platform, each.id(), Topics.EXECUTION);
      assertEquals(each.end() == End.EXECUTED ? 1 : 0, executions.size(), "of " + each.id());
    }
    assertEffectsOnce(running, platform, cases, notRun);
    cases.forEach(each -> assertGatewayKnows(running, platform, each));
  }

  /// Whoever asks the gateway hears how it ended.
  private static void assertGatewayKnows(Running running, AgentPlatform platform, Load.Case asked) {
    String end =
        switch (asked.end()) {
          case EXECUTED -> answer(platform, asked.id(), Topics.EXECUTION, "status");
          case DENIED -> "denied";
          case EXPIRED -> "expired";
        };
    URI action = running.addresses().gateway().resolve("/v1/actions/" + asked.id());
    long until = System.nanoTime() + PATIENCE.toNanos();
    String said = JSON.get(action).body().path("status").asText();
    while (!said.equals(end)) {
      String present = said;
      assertTrue(
          System.nanoTime() < until,
          () -> "the gateway says " + present + " of what is " + end + ": " + asked.id());
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
      said = JSON.get(action).body().path("status").asText();
    }
  }

  private static String answer(AgentPlatform platform, ActionId id, String topic, String member) {
    return platform.await(topic, id, PATIENCE).path(member).asText();
  }

  private static void assertEffectsOnce(
      Running running, AgentPlatform platform, List<Load.Case> cases, Set<String> notRun) {
    Map<String, Integer> calls = Ended.calls(running);
    for (Load.Case each : cases) {
      if (each.end() != End.EXECUTED) {
        assertEquals(
            0, calls.getOrDefault(each.id().toString(), 0), "not approved, and ran: " + each.id());
      }
    }
    Map<String, List<ActionId>> ended =
        Ended.once(running, platform, Load.ids(cases, End.EXECUTED).toList(), PATIENCE);
    for (String status : List.of("failed", "refused")) {
      for (ActionId each : ended.getOrDefault(status, List.of())) {
        JsonNode execution = platform.await(Topics.EXECUTION, each, PATIENCE);
        assertTrue(
            notRun.contains(execution.at("/reason/code").asText()),
            () -> "why it did not run: " + execution);
      }
    }
    // Cut off between intent and outcome, the honest word is "unknown".
    assertTrue(
        Set.of("succeeded", "unknown", "failed", "refused").containsAll(ended.keySet()),
        () -> "how they ended: " + ended);
    assertTrue(
        ended.getOrDefault("succeeded", List.of()).size() >= cases.size() / 4,
        () -> "half of them were to run: " + ended);
  }

  /// Each letter has come to an end, and whoever got a question is told how it ended. What is said
  /// to be sent was, once; of what is in doubt a mail may have come; of all else none has, and
  /// nobody else got one. Gives how many questions were sent.
  private static long assertMailsOnce(
      Running running, AgentPlatform platform, List<Load.Case> cases) {
    Map<Letter, JsonNode> letters = new HashMap<>();
    for (ActionId each : Load.ids(cases, End.EXPIRED).toList()) {
      letters.putAll(awaitLetters(platform, each));
    }
    Map<Letter, Integer> mails = new HashMap<>();
    for (JsonNode mail : new Mailbox(running.addresses().mail()).all()) {
      JsonNode headers = mail.path("headers");
      mails.merge(
          new Letter(
              headers.path("X-Countersign-Action").asText(),
              mail.path("to").asText().replaceFirst("@.*", ""),
              headers.path("X-Countersign-Step").asText()),
          1,
          Integer::sum);
    }
    letters.forEach((letter, end) -> {
      int came = mails.getOrDefault(letter, 0);
      if (end.at("/reason/code").asText().equals("in-doubt")) {
        assertTrue(came <= 1, () -> "the same mail twice: " + letter);
      } else {
        assertEquals(isSent(end) ? 1 : 0, came, () -> "mails of " + letter + ", " + end);
      }
    });
    Map<String, Set<String>> asked = asked(platform, cases);
    for (Letter mail : mails.keySet()) {
      // The mailbox is the other tests', too.
      if (asked.containsKey(mail.action())) {
        assertTrue(
            asked.get(mail.action()).contains(mail.recipient()),
            () -> "a mail to somebody who was not to be asked: " + mail);
      }
    }
    return letters.entrySet().stream()
        .filter(each -> each.getKey().step().equals("ask") && isSent(each.getValue()))
        .count();
  }

  /// Whom each was to reach, by its tickets: of what ended without people nobody.
  private static Map<String, Set<String>> asked(AgentPlatform platform, List<Load.Case> cases) {
    Map<String, Set<String>> asked = new HashMap<>();
    for (Load.Case each : cases) {
      Set<String> recipients = new HashSet<>();
      for (JsonNode ticket : platform.events(Topics.TICKET_OPENED, each.id())) {
        recipients.addAll(EventJson.read(ticket, TicketOpened.class).recipients());
      }
      asked.put(each.id().toString(), recipients);
    }
    return asked;
  }

  /// One letter, by the names that its mail bears.
  private record Letter(String action, String recipient, String step) {}

  /// The last word on each letter about this action.
  private static Map<Letter, JsonNode> awaitLetters(AgentPlatform platform, ActionId id) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Map<Letter, JsonNode> letters = new HashMap<>();
      for (JsonNode each : platform.events(Topics.NOTIFICATION, id)) {
        letters.put(letter(id, each, each.path("step").asText()), each);
      }
      Set<Letter> open = new HashSet<>();
      letters.forEach((letter, end) -> {
        Letter answer = letter(id, end, "answer");
        if (isQueued(end)) {
          open.add(letter);
        } else if (letter.step().equals("ask") && isSent(end) && !letters.containsKey(answer)) {
          open.add(answer);
        }
      });
      if (open.isEmpty()) {
        return letters;
      }
      assertTrue(System.nanoTime() < until, () -> "no word of these: " + open);
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
  }

  private static Letter letter(ActionId id, JsonNode notification, String step) {
    return new Letter(id.toString(), notification.path("recipient").asText(), step);
  }

  private static boolean isQueued(JsonNode notification) {
    return notification.path("status").asText().equals("queued");
  }

  private static boolean isSent(JsonNode notification) {
    return notification.path("status").asText().equals("accepted");
  }
}
