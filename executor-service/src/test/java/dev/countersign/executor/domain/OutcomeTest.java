package dev.countersign.executor.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.events.Execution.Result;
import dev.countersign.events.Execution.Status;
import org.junit.jupiter.api.Test;

class OutcomeTest {

  @Test
  void aLaterAttemptThatSentNothingDoesNotDenyAnEarlierEffect() {
    Outcome nothingSent = Outcome.failed("lease-lost", "nothing was run");
    assertEquals(Status.FAILED, nothingSent.afterAttempt(1).status());
    assertEquals(Status.UNKNOWN, nothingSent.afterAttempt(2).status());
    Outcome answered = new Outcome(Status.FAILED, new Result("404", null, null), null);
    assertEquals(Status.FAILED, answered.afterAttempt(2).status());
  }
}
