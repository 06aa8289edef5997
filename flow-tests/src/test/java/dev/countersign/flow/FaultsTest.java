package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.demo.AgentPlatform;
import dev.countersign.demo.Json;
import dev.countersign.demo.Mailbox;
import dev.countersign.events.ActionId;
import dev.countersign.events.Topics;
import dev.countersign.flow.Load.End;
import dev.countersign.flow.WholeSystem.Running;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
  // Why an approved one may not have run at all: everything took so long that its grant had ended,
  // or its executor had no time for it.
  private static final Set<String> TOO_LATE = Set.of("grant-expired", "lease-lost");
  // And then: nobody could be asked whether it still might be run.
  private static final Set<String> NOT_KNOWN =
      Set.of("grant-expired", "lease-lost", "database-away");

  @ParameterizedTest
  // The executor: KilledAtEachStepTest, KilledAtRandomTest.
  @ValueSource(strings = {"gateway", "policy", "ticket", "notifier", "audit"})
  void aKilledServiceLosesNothingAndDoublesNothing(String service, Running running) {
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      List<Load.Case> cases = Load.of(PROPOSALS);
      cases.subList(0, PROPOSALS / 2).forEach(each -> platform.propose(each.id(), each.proposal()));
      running.system().kill(service);
      cases
          .subList(PROPOSALS / 2, PROPOSALS)
          .forEach(each -> platform.propose(each.id(), each.proposal()));
      running.system().awaitReady(service);
      assertAllEndedOnce(running, platform, cases, TOO_LATE);
    }
  }

  @Test
  void theBrokerMayBeAwayForHalfAMinute(Running running) throws Exception {
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      List<Load.Case> cases = Load.of(PROPOSALS);
      cases.subList(0, PROPOSALS / 2).forEach(each -> platform.propose(each.id(), each.proposal()));
      running.system().holdDown("kafka");
      // The gateway's word is durable without a broker.
      Json json = new Json();
      for (Load.Case each : cases.subList(PROPOSALS / 2, PROPOSALS)) {
        Json.Answer answer =
            json.post(running.addresses().gateway().resolve("/v1/actions"), each.proposal());
        assertEquals(202, answer.status(), answer.body().toString());
      }
      last(Duration.ofSeconds(30));
      running.system().release("kafka");
      running.system().awaitReady("kafka");
      assertAllEndedOnce(running, platform, cases, TOO_LATE);
    }
  }

  @Test
  void theDatabaseMayBeAwayForHalfAMinute(Running running) throws Exception {
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      List<Load.Case> cases = Load.of(PROPOSALS);
      cases.subList(0, PROPOSALS / 2).forEach(each -> platform.propose(each.id(), each.proposal()));
      running.system().holdDown("postgres");
      cases
          .subList(PROPOSALS / 2, PROPOSALS)
          .forEach(each -> platform.propose(each.id(), each.proposal()));
      last(Duration.ofSeconds(30));
      running.system().release("postgres");
      running.system().awaitReady("postgres");
      assertAllEndedOnce(running, platform, cases, NOT_KNOWN);
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
      Set<String> answers = Ended.eventIds(platform, each.id(), Topics.DECISION, Topics.EXPIRED);
      assertEquals(1, answers.size(), "one final answer of " + each.id());
      Set<String> executions = Ended.eventIds(platform, each.id(), Topics.EXECUTION);
      assertEquals(each.end() == End.EXECUTED ? 1 : 0, executions.size(), "of " + each.id());
    }
    assertEffectsOnce(running, platform, cases, notRun);
    assertMailsOnce(running, cases);
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

  private static void assertMailsOnce(Running running, List<Load.Case> cases) {
    Set<String> asked =
        new HashSet<>(Load.ids(cases, End.EXPIRED).map(ActionId::toString).toList());
    Set<String> seen = new HashSet<>();
    for (JsonNode mail : new Mailbox(running.addresses().mail()).all()) {
      if (asked.contains(mail.path("headers").path("X-Countersign-Action").asText())) {
        String messageId = mail.path("headers").path("Message-ID").asText();
        assertTrue(seen.add(messageId), "the same mail twice: " + messageId);
      }
    }
  }
}
