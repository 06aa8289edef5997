package dev.countersign.ticket.domain;

import static dev.countersign.ticket.domain.EnrolmentRefusal.INVITATION_OVER;
import static dev.countersign.ticket.domain.EnrolmentRefusal.NOT_ADMIN;
import static dev.countersign.ticket.domain.EnrolmentRefusal.NOT_BY_PASSKEY;
import static dev.countersign.ticket.domain.EnrolmentRefusal.NOT_THEIRS;
import static dev.countersign.ticket.domain.EnrolmentRefusal.NOT_WAITING;
import static dev.countersign.ticket.domain.EnrolmentRefusal.OPERATOR_ALONE;
import static dev.countersign.ticket.domain.EnrolmentRefusal.OWN_INVITATION;
import static dev.countersign.ticket.domain.EnrolmentRefusal.OWN_PASSKEY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EnrolmentMachineTest {

  private static final Instant INVITED_AT = Instant.parse("2026-11-21T09:00:00Z");
  private static final Instant UNTIL = INVITED_AT.plus(Duration.ofHours(24));
  private static final Instant SOON = INVITED_AT.plus(Duration.ofMinutes(5));
  private static final Credential PASSKEY = new Credential("id", "attested", "key", 0, false);
  private static final Party OPERATOR = new Party.Operator();
  private static final int BOOTSTRAP = 1;

  private static Party admin(String id) {
    return new Party.Person(id, true, true);
  }

  private static Invitation invitation(Party by) {
    return new Invitation(new InvitationId(new UUID(0, 1)), "alice", by.id(), INVITED_AT, UNTIL);
  }

  private static Enrolment.Made made(Party invitedBy) {
    return new Enrolment.Made(invitation(invitedBy), PASSKEY, "Phone");
  }

  private static List<Enrolment> states(Party invitedBy) {
    Invitation invitation = invitation(invitedBy);
    return List.of(
        new Enrolment.Invited(invitation),
        made(invitedBy),
        new Enrolment.Confirmed(invitation, PASSKEY, "Phone", "frank"),
        new Enrolment.Revoked(invitation, PASSKEY, "frank", null));
  }

  @Test
  void anAdminConfirmsWhatAnotherOneInvited() {
    EnrolmentOutcome.Changed changed =
        assertInstanceOf(
            EnrolmentOutcome.Changed.class, confirm(made(admin("erin")), admin("frank"), 2));
    assertEquals(
        new Enrolment.Confirmed(invitation(admin("erin")), PASSKEY, "Phone", "frank"),
        changed.enrolment());
  }

  @Test
  void aSingleAdminIsRefused() {
    for (int admins = 0; admins < 5; admins++) {
      assertRefused(OWN_INVITATION, confirm(made(admin("erin")), admin("erin"), admins));
    }
  }

  @Test
  void nobodyConfirmsTheirOwnPasskey() {
    for (Party inviter : List.of(admin("alice"), admin("erin"), OPERATOR)) {
      assertRefused(OWN_PASSKEY, confirm(made(inviter), admin("alice"), 2));
    }
  }

  @Test
  void onlyAdminsSignedInByPasskeyInviteAndConfirm() {
    Party person = new Party.Person("bob", false, true);
    Party byCode = new Party.Person("frank", true, false);
    assertEquals(Optional.of(NOT_ADMIN), EnrolmentMachine.asAdmin(person));
    assertEquals(Optional.of(NOT_BY_PASSKEY), EnrolmentMachine.asAdmin(byCode));
    assertEquals(Optional.empty(), EnrolmentMachine.asAdmin(admin("erin")));
    assertEquals(Optional.empty(), EnrolmentMachine.asAdmin(OPERATOR));
    for (Enrolment state : states(OPERATOR).subList(1, 3)) {
      assertRefused(NOT_ADMIN, confirm(state, person, BOOTSTRAP));
      assertRefused(NOT_BY_PASSKEY, confirm(state, byCode, BOOTSTRAP));
    }
  }

  @Test
  void theOperatorAndOneAdminAreTwoParties() {
    assertInstanceOf(EnrolmentOutcome.Changed.class, confirm(made(OPERATOR), admin("erin"), 2));
    assertInstanceOf(EnrolmentOutcome.Changed.class, confirm(made(admin("erin")), OPERATOR, 2));
  }

  @Test
  void theOperatorAloneIsEnoughOnlyUntilTwoAdminsHoldAPasskey() {
    for (int admins = 0; admins < 5; admins++) {
      EnrolmentOutcome outcome = confirm(made(OPERATOR), OPERATOR, admins);
      if (admins < 2) {
        assertInstanceOf(EnrolmentOutcome.Changed.class, outcome);
      } else {
        assertRefused(OPERATOR_ALONE, outcome);
      }
    }
  }

  @Test
  void onlyThePasskeyThatWasLookedAtIsConfirmed() {
    assertRefused(
        NOT_WAITING,
        EnrolmentMachine.decide(
            made(admin("erin")), new EnrolmentCommand.Confirm(SOON, admin("frank"), "other", 2)));
  }

  @Test
  void onlyWhatWasMadeAndStandsCanBeConfirmed() {
    for (Enrolment state : states(admin("erin"))) {
      EnrolmentOutcome outcome = confirm(state, admin("frank"), 2);
      switch (state) {
        case Enrolment.Made _ -> assertInstanceOf(EnrolmentOutcome.Changed.class, outcome);
        case Enrolment.Confirmed _ -> assertEquals(new EnrolmentOutcome.Unchanged(state), outcome);
        case Enrolment.Invited _, Enrolment.Revoked _ -> assertRefused(NOT_WAITING, outcome);
      }
    }
  }

  @Test
  void anInvitationIsGoodForOnePasskeyAndOneDay() {
    for (Enrolment state : states(OPERATOR)) {
      EnrolmentOutcome outcome =
          EnrolmentMachine.decide(state, new EnrolmentCommand.Make(SOON, PASSKEY, "Phone"));
      if (state instanceof Enrolment.Invited invited) {
        assertEquals(
            new EnrolmentOutcome.Changed(
                new Enrolment.Made(invited.invitation(), PASSKEY, "Phone")),
            outcome);
        assertRefused(
            INVITATION_OVER,
            EnrolmentMachine.decide(state, new EnrolmentCommand.Make(UNTIL, PASSKEY, "Phone")));
      } else {
        assertRefused(INVITATION_OVER, outcome);
      }
    }
  }

  @Test
  void aPersonRevokesTheirOwnAndAnAdminAnybodys() {
    Party theirs = new Party.Person("alice", false, false);
    for (Party by : List.of(theirs, admin("erin"), OPERATOR)) {
      for (Enrolment state : states(admin("erin"))) {
        EnrolmentOutcome outcome = revoke(state, by, "lost");
        if (state instanceof Enrolment.Revoked) {
          assertEquals(new EnrolmentOutcome.Unchanged(state), outcome);
        } else {
          Enrolment.Revoked revoked =
              assertInstanceOf(
                  Enrolment.Revoked.class,
                  assertInstanceOf(EnrolmentOutcome.Changed.class, outcome).enrolment());
          assertEquals(by.id(), revoked.by());
          assertEquals("lost", revoked.reason());
          assertEquals(state.passkey(), revoked.passkey());
        }
      }
    }
  }

  @Test
  void nobodyElseRevokes() {
    for (Enrolment state : states(OPERATOR).subList(0, 3)) {
      assertRefused(NOT_THEIRS, revoke(state, new Party.Person("bob", false, true), null));
      assertRefused(NOT_BY_PASSKEY, revoke(state, new Party.Person("erin", true, false), null));
    }
  }

  @Test
  void whatIsRevokedNeverCountsAgain() {
    Enrolment revoked = states(OPERATOR).getLast();
    for (EnrolmentCommand command :
        List.of(
            new EnrolmentCommand.Make(SOON, PASSKEY, "Phone"),
            new EnrolmentCommand.Confirm(SOON, admin("erin"), PASSKEY.id(), 0),
            new EnrolmentCommand.Confirm(SOON, OPERATOR, PASSKEY.id(), 0),
            new EnrolmentCommand.Revoke(SOON, OPERATOR, null))) {
      EnrolmentOutcome outcome = EnrolmentMachine.decide(revoked, command);
      assertTrue(!(outcome instanceof EnrolmentOutcome.Changed), outcome.toString());
    }
  }

  private static EnrolmentOutcome confirm(Enrolment state, Party by, int admins) {
    return EnrolmentMachine.decide(
        state, new EnrolmentCommand.Confirm(SOON, by, PASSKEY.id(), admins));
  }

  private static EnrolmentOutcome revoke(Enrolment state, Party by, @Nullable String reason) {
    return EnrolmentMachine.decide(state, new EnrolmentCommand.Revoke(SOON, by, reason));
  }

  private static void assertRefused(EnrolmentRefusal refusal, EnrolmentOutcome outcome) {
    assertEquals(new EnrolmentOutcome.Refused(refusal), outcome);
  }
}
