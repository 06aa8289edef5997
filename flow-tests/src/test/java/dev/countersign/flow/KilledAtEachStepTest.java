package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.demo.AgentPlatform;
import dev.countersign.demo.Timeout;
import dev.countersign.events.ActionId;
import dev.countersign.events.Topics;
import dev.countersign.flow.WholeSystem.Running;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Invariant 3 and attack 13: the executor dies by SIGKILL at each step of an execution. Nothing
/// runs twice, and everything has an answer that is true.
@ExtendWith(WholeSystem.class)
class KilledAtEachStepTest {

  private static final Duration PATIENCE = Duration.ofSeconds(150);

  private static final int MOST_TRIES = 5;

  /// Where it dies, and what has to come of it.
  private enum Step {
    /// Its row was never committed: the decision is read again.
    ENTERING("succeeded", 1),
    /// The intent was never committed: another claims.
    CLAIMING("succeeded", 1),
    /// The intent is durable, and nobody is left who knows that nothing was sent.
    CLAIMED("unknown", 0),
    /// The effect is there, and the target has not answered.
    CALLING("unknown", 1),
    /// The target has answered, and the outcome was never committed.
    FINISHING("unknown", 1),
    /// The outcome is durable, and not published.
    FINISHED("succeeded", 1),
    /// It is published, and not noted as such: it comes again under the same `ce_id`.
    RELAYED("succeeded", 1);

    private final String status;
    private final int effects;

    Step(String status, int effects) {
      this.status = status;
      this.effects = effects;
    }
  }

  @Test
  void aKilledExecutorRunsNothingTwiceAndLeavesNothingUnanswered(Running running) throws Exception {
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      Map<Step, ActionId> died = new EnumMap<>(Step.class);
      for (Step step : Step.values()) {
        died.put(step, die(running, platform, step));
      }
      for (Map.Entry<Step, ActionId> each : died.entrySet()) {
        Step step = each.getKey();
        JsonNode execution = platform.await(Topics.EXECUTION, each.getValue(), PATIENCE);
        assertEquals(step.status, execution.path("status").asText(), step + ": " + execution);
        assertEquals(step.effects, Ended.effects(running, each.getValue()), "effects of " + step);
      }
      for (Map.Entry<Step, ActionId> each : died.entrySet()) {
        assertEquals(
            1,
            platform.records(Topics.EXECUTION, each.getValue()).stream()
                .map(KilledAtEachStepTest::eventId)
                .collect(Collectors.toSet())
                .size(),
            "answers of " + each.getKey());
      }
    }
  }

  /// Dies in an action, and in another where its grant had ended before the next executor was
  /// there: that one ran nothing, as it must not, and shows nothing of the step.
  private static ActionId die(Running running, AgentPlatform platform, Step step)
      throws SQLException {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      Load.Case action = step == Step.CALLING ? Load.answeredAfter(PATIENCE) : Load.deletion();
      kill(running, platform, step, action);
      running.system().awaitReady("executor");
      if (step.status.equals("unknown")) {
        return action.id();
      }
      // What goes on after one death must not meet the next.
      JsonNode execution = platform.await(Topics.EXECUTION, action.id(), PATIENCE);
      if (!execution.at("/reason/code").asText().equals("grant-expired")) {
        return action.id();
      }
      assertEquals(0, Ended.effects(running, action.id()), "ran after its grant had ended");
    }
    throw new Timeout("no executor is there again before a grant ends");
  }

  private static void kill(Running running, AgentPlatform platform, Step step, Load.Case action)
      throws SQLException {
    ActionId id = action.id();
    switch (step) {
      case CALLING -> {
        platform.propose(id, action.proposal());
        Ended.awaitCalled(running, id, PATIENCE);
        running.system().kill("executor");
      }
      case ENTERING, CLAIMING, CLAIMED, FINISHING, FINISHED, RELAYED -> {
        try (StandStill still = standStill(running, step, id)) {
          platform.propose(id, action.proposal());
          still.awaitReached();
          running.system().kill("executor");
          switch (step) {
            case ENTERING, CLAIMING, FINISHING, RELAYED -> still.rollBack();
            case CLAIMED, FINISHED, CALLING -> {}
          }
        }
      }
    }
  }

  private static StandStill standStill(Running running, Step step, ActionId id)
      throws SQLException {
    return switch (step) {
      case ENTERING -> StandStill.beforeState(running.system(), id, "ready");
      case CLAIMING, CLAIMED -> StandStill.beforeState(running.system(), id, "started");
      case FINISHING -> StandStill.beforeState(running.system(), id, "done");
      case FINISHED -> StandStill.inCommitOf(running.system(), id, "done");
      case RELAYED -> StandStill.afterRelay(running.system(), id);
      case CALLING -> throw new IllegalArgumentException("no statement of its own runs meanwhile");
    };
  }

  private static String eventId(ConsumerRecord<byte[], byte[]> record) {
    return AgentPlatform.header(record, "ce_id");
  }
}
