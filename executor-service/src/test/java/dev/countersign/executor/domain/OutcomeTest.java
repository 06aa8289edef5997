package dev.countersign.executor.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.Execution.Result;
import dev.countersign.events.Execution.Status;
import dev.countersign.events.Reason;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class OutcomeTest {

  @Test
  void aLaterAttemptWithoutAnEffectDoesNotDenyAnEarlierOne() {
    Reason reason = new Reason("target-failed", "The target answered 404.");
    Result result = new Result("404", null, null);
    for (Status status : List.of(Status.FAILED, Status.REFUSED, Status.PRECONDITION_FAILED)) {
      Outcome answered = new Outcome(status, result, reason);
      assertEquals(answered, answered.afterAttempt(1));
      Outcome later = answered.afterAttempt(2);
      assertEquals(Status.UNKNOWN, later.status());
      assertEquals(result, later.result());
      Reason why = Objects.requireNonNull(later.reason());
      assertEquals(reason.code(), why.code());
      assertTrue(why.text().startsWith("An earlier attempt was cut off"), why::text);
      assertTrue(why.text().endsWith(reason.text()), why::text);
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
