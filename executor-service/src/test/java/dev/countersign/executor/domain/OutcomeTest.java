package dev.countersign.executor.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.events.Execution.Result;
import dev.countersign.events.Execution.Status;
import dev.countersign.events.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutcomeTest {

  @Test
  void aLaterAttemptWithoutAnEffectDoesNotDenyAnEarlierOne() {
    Reason reason = new Reason("target-failed", "The target answered 404.");
    Result result = new Result("404", null, null);
    for (Status status : List.of(Status.FAILED, Status.REFUSED, Status.PRECONDITION_FAILED)) {
      Outcome answered = new Outcome(status, result, reason);
      assertEquals(answered, answered.afterAttempt(1));
      assertEquals(new Outcome(Status.UNKNOWN, result, reason), answered.afterAttempt(2));
    }
    assertEquals(
        Status.UNKNOWN, Outcome.failed("lease-lost", "nothing was run").afterAttempt(2).status());
  }

  @Test
  void whatTheOperatorOrWhoRunsItSaysStandsAfterAnyAttempt() {
    for (Outcome.Word word : List.of(Outcome.Word.OPERATORS, Outcome.Word.RECORDED)) {
      Outcome said = new Outcome(Status.FAILED, null, new Reason("c", "text"), word);
      assertEquals(said, said.afterAttempt(2));
    }
  }
}
