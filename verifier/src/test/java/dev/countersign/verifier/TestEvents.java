package dev.countersign.verifier;

import dev.countersign.events.Assurance;
import dev.countersign.events.Card;
import dev.countersign.events.Decision;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.Event;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.VoteRecorded;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What happens to one wire transfer, as events.
final class TestEvents {

  private TestEvents() {}

  static TicketOpened opened(int count, Assurance assurance) {
    return new TicketOpened(
        Signed.ID,
        Signed.AT,
        new Card("Wire transfer", "payments", "7F-KQ"),
        Signed.POLICY,
        new Requirement(
            List.of(new Requirement.Quorum(List.of("finance"), count)),
            assurance,
            Duration.ofHours(1),
            List.of("mail"),
            List.of(),
            null),
        List.of("alice", "bob"),
        Signed.UNTIL,
        null,
        URI.create("http://localhost:8082/tickets/x"),
        null);
  }

  static VoteRecorded recorded(Signed vote, @Nullable DsseEnvelope attestation) {
    return new VoteRecorded(
        Signed.ID, vote.at, vote.approver, vote.answer, vote.assurance, attestation, 1, 2);
  }

  static Decision decision(Signed vote, Decision.Outcome outcome, DsseEnvelope... attestations) {
    boolean approved = outcome == Decision.Outcome.APPROVED;
    return new Decision(
        Signed.ID,
        Signed.AT.plusSeconds(1),
        outcome,
        Decision.Basis.VOTES,
        new Reason("r", "R."),
        vote.actionDigest,
        approved ? vote.action : null,
        approved
            ? new TestGrant(vote.action, Signed.AT.plusSeconds(1), attestations).token()
            : null,
        List.of(attestations));
  }

  /// Asked, approved by two, decided.
  static List<Event> approvedByTwo() {
    Signed alice = new Signed();
    Signed bob = new Signed();
    bob.approver = "bob";
    DsseEnvelope alices = alice.envelope();
    DsseEnvelope bobs = bob.envelope();
    return List.of(
        opened(2, Assurance.PASSKEY),
        recorded(alice, alices),
        recorded(bob, bobs),
        decision(alice, Decision.Outcome.APPROVED, alices, bobs));
  }
}
