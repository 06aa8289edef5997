package dev.countersign.notifier.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class StepTest {

  @Test
  void everyStepIsReadAsItWasWritten() {
    for (Step step : List.of(Step.ASK, Step.REMINDER, Step.escalation(12), Step.ANSWER)) {
      assertEquals(step, Step.of(step.code()));
    }
    assertEquals("escalation-12", Step.escalation(12).code());
  }

  @Test
  void aLadderIsCountedFromOneAndNothingElseIsCounted() {
    assertThrows(IllegalArgumentException.class, () -> Step.escalation(0));
    assertThrows(IllegalArgumentException.class, () -> new Step(Step.Kind.ASK, 1));
    assertThrows(IllegalArgumentException.class, () -> Step.of("escalation-"));
    assertThrows(IllegalArgumentException.class, () -> Step.of("asks"));
  }
}
