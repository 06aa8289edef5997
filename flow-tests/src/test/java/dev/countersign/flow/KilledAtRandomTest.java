package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.demo.AgentPlatform;
import dev.countersign.demo.Approver;
import dev.countersign.demo.Mailbox;
import dev.countersign.events.ActionId;
import dev.countersign.events.Topics;
import dev.countersign.flow.WholeSystem.Running;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The bar: approved actions while executor, broker and database are killed at random. Nothing runs
/// unapproved, nothing twice, and everything ends with an answer; of each that is `unknown` a
/// person says what they found.
///
/// `-Dcountersign.actions=10000 -Dcountersign.kills=50` is the whole of it (CONTRIBUTING.md);
/// `-Dcountersign.seed=…` does the same kills after the same actions.
@ExtendWith(WholeSystem.class)
class KilledAtRandomTest {

  private static final int ACTIONS = Integer.getInteger("countersign.actions", 600);
  private static final int KILLS = Integer.getInteger("countersign.kills", 4);
  private static final long SEED =
      Long.getLong("countersign.seed", new Random().nextLong(1_000_000_000));
  private static final List<String> VICTIMS = List.of("executor", "kafka", "postgres");
  private static final int VOTES = 3;
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Random random = new Random(SEED);
  private final List<ActionId> approved = new ArrayList<>();
  private final List<ActionId> denied = new ArrayList<>();

  @Test
  void nothingRunsUnapprovedNothingTwiceAndEverythingEnds(Running running) throws SQLException {
    System.out.printf("seed %d, %d actions, %d kills%n", SEED, ACTIONS, KILLS);
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      vote(running, platform);
      TreeSet<Integer> moments = new TreeSet<>();
      while (moments.size() < Math.min(KILLS, ACTIONS)) {
        moments.add(random.nextInt(ACTIONS));
      }
      for (int i = 0; i < ACTIONS; i++) {
        boolean kills = moments.contains(i);
        // A broker or database that is killed again before it is back was killed once.
        if (kills) {
          VICTIMS.forEach(running.system()::awaitReady);
        }
        propose(platform, random.nextInt(20) == 0 && !kills ? Load.unlisted() : Load.deletion());
        if (kills) {
          String victim = VICTIMS.get(random.nextInt(VICTIMS.size()));
          int underWay = approved.size() - Executions.done(running, approved);
          running.system().kill(victim);
          System.out.printf("killed %s after action %d, %d under way%n", victim, i, underWay);
          assertTrue(underWay > 0, "nothing was under way, seed " + SEED);
        }
      }
      VICTIMS.forEach(running.system()::awaitReady);
      Map<String, List<ActionId>> ended = Ended.once(running, platform, approved, PATIENCE);
      ended.forEach((status, ids) -> System.out.printf("%s: %d%n", status, ids.size()));
      assertTrue(
          ended.getOrDefault("succeeded", List.of()).size() >= approved.size() / 2,
          () -> "most were to run: " + ended.keySet() + ", seed " + SEED);
      Map<String, Integer> calls = Ended.calls(running);
      reconcile(running, platform, ended.getOrDefault("unknown", List.of()), calls.keySet());
      for (ActionId each : denied) {
        assertEquals(
            "denied", platform.await(Topics.DECISION, each, PATIENCE).path("outcome").asText());
        assertFalse(
            calls.containsKey(each.toString()), "ran unapproved: " + each + ", seed " + SEED);
      }
    }
  }

  private void propose(AgentPlatform platform, Load.Case it) {
    platform.propose(it.id(), it.proposal());
    (it.end() == Load.End.EXECUTED ? approved : denied).add(it.id());
  }

  /// A person looks at the target for each, and says what they found there.
  private void reconcile(
      Running running, AgentPlatform platform, List<ActionId> unknown, Set<String> called) {
    Approver erin = person(running, "erin");
    for (ActionId each : unknown) {
      String finding = called.contains(each.toString()) ? "took-effect" : "no-effect";
      awaitForm(erin, running.addresses().ticket().resolve("/tickets/" + each));
      erin.reconcile(each, finding, "The target's list of calls says so.");
      assertEquals(
          finding,
          platform.await(Topics.OVERSIGHT, each, PATIENCE).at("/reconciled/finding").asText(),
          "not reconciled: " + each + ", seed " + SEED);
    }
  }

  /// The ticket service hears of an outcome when everybody does, which may be a moment later.
  private static void awaitForm(Approver person, URI page) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (person.look(page).findForm("input[name=finding]") == null) {
      assertTrue(System.nanoTime() < until, "nobody is asked what became of " + page);
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }

  private static Approver person(Running running, String name) {
    return new Approver(
        name + "@acme.example",
        new Mailbox(running.addresses().mail()),
        running.addresses().ticket(),
        null);
  }

  /// Some that people approve.
  private void vote(Running running, AgentPlatform platform) {
    Approver carol = person(running, "carol");
    for (int i = 0; i < VOTES; i++) {
      Load.Case asked = Load.unanswered(Duration.ofHours(1));
      platform.propose(asked.id(), asked.proposal());
      carol.approve(carol.linkFor(asked.id()));
      approved.add(asked.id());
    }
  }
}
