package dev.countersign.ticket.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.events.Assurance;
import dev.countersign.events.Requirement;
import dev.countersign.events.Requirement.Quorum;
import dev.countersign.events.Tool;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiftFreezeTest {

  private static final Quorum TWO_ADMINS = new Quorum(List.of("admins"), 2);

  private static boolean mayBeAsked(Tool tool, Assurance assurance, Quorum... quorums) {
    Requirement requirement =
        new Requirement(
            List.of(quorums), assurance, Duration.ofHours(1), List.of("mail"), List.of(), null);
    return LiftFreeze.refusal(tool, requirement).isEmpty();
  }

  @Test
  void noVerdictAsksForLessThanTwoAdminsByPasskey() {
    Quorum finance = new Quorum(List.of("finance"), 2);
    assertEquals(true, mayBeAsked(LiftFreeze.TOOL, Assurance.PASSKEY, TWO_ADMINS));
    assertEquals(true, mayBeAsked(LiftFreeze.TOOL, Assurance.PASSKEY, finance, TWO_ADMINS));
    assertEquals(false, mayBeAsked(LiftFreeze.TOOL, Assurance.CODE, TWO_ADMINS));
    assertEquals(false, mayBeAsked(LiftFreeze.TOOL, Assurance.PASSKEY, finance));
    assertEquals(
        false, mayBeAsked(LiftFreeze.TOOL, Assurance.PASSKEY, new Quorum(List.of("admins"), 1)));
    assertEquals(
        false,
        mayBeAsked(
            LiftFreeze.TOOL, Assurance.PASSKEY, new Quorum(List.of("admins", "finance"), 2)));
    assertEquals(true, mayBeAsked(new Tool("payments", "pay"), Assurance.CODE, finance));
  }
}
