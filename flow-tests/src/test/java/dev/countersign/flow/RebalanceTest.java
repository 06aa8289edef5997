package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.demo.AgentPlatform;
import dev.countersign.events.ActionId;
import dev.countersign.flow.WholeSystem.Running;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Invariant 3 and attack 13: partitions change hands while executions are under way, as executors
/// come, die and go.
@ExtendWith(WholeSystem.class)
class RebalanceTest {

  private static final Duration PATIENCE = Duration.ofSeconds(150);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);
  private static final int EACH = 50;
  private static final int A_FEW = 5;
  // Less than its connector waits for an answer.
  private static final Duration CALL = Duration.ofSeconds(8);

  private final List<ActionId> approved = new ArrayList<>();

  @Test
  void whateverExecutorsComeAndGoNothingRunsTwiceAndEverythingEndsOnce(Running running)
      throws Exception {
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      propose(EACH, platform);
      proposeUntil("not even the first", 1, running, platform);
      String first = Executions.instances(running, approved).getFirst();
      List<ActionId> cutOff;
      try (SecondInstance second = SecondInstance.start(running, "executor")) {
        propose(EACH, platform);
        cutOff = callsOf("the second", "<> '" + first + "'", running, platform);
        second.kill();
      }
      propose(EACH, platform);
      List<ActionId> cutOffToo;
      try (SecondInstance second = SecondInstance.start(running, "executor")) {
        cutOffToo = callsOf("the first", "= '" + first + "'", running, platform);
        running.system().kill("executor");
        propose(EACH, platform);
        running.system().awaitReady("executor");
        propose(EACH, platform);
        proposeUntil("neither its successor nor another", 3, running, platform);
        second.stop();
      }
      propose(EACH, platform);
      Map<String, List<ActionId>> ended = Ended.once(running, platform, approved, PATIENCE);
      ended.forEach((status, ids) -> System.out.printf("%s: %d%n", status, ids.size()));
      assertTrue(
          ended.getOrDefault("succeeded", List.of()).size() >= approved.size() / 2,
          () -> "most were to run: " + ended);
      // Whoever began them is dead, and nobody else knows how they ended.
      List<ActionId> unknown = ended.getOrDefault("unknown", List.of());
      for (List<ActionId> each : List.of(cutOff, cutOffToo)) {
        assertFalse(Collections.disjoint(unknown, each), () -> each + " and " + unknown);
      }
    }
  }

  private void propose(int count, AgentPlatform platform) {
    for (int i = 0; i < count; i++) {
      propose(Load.deletion(), platform);
    }
  }

  private ActionId propose(Load.Case it, AgentPlatform platform) {
    platform.propose(it.id(), it.proposal());
    approved.add(it.id());
    return it.id();
  }

  /// Until so many runs of an executor have taken part: what is already under way may be all the
  /// others'.
  private void proposeUntil(String who, int runs, Running running, AgentPlatform platform)
      throws SQLException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (Executions.instances(running, approved).size() < runs) {
      assertTrue(System.nanoTime() < end, () -> who + " took part");
      propose(A_FEW, platform);
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
  }

  /// Calls under way of such an instance: it has just begun one that takes its time.
  private List<ActionId> callsOf(
      String who, String instance, Running running, AgentPlatform platform) throws SQLException {
    // None of before: those may be about to end.
    List<ActionId> slow = new ArrayList<>();
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      List<ActionId> begun = Executions.begun(running, slow, instance);
      if (!begun.isEmpty()) {
        return begun;
      }
      assertTrue(System.nanoTime() < end, () -> who + " began nothing");
      slow.add(propose(Load.answeredAfter(CALL), platform));
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
  }
}
