package dev.countersign.flow;

import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.StandingPermission;
import dev.countersign.events.Trust;
import dev.countersign.flow.SimulatedSystem.Table;
import dev.countersign.ticket.application.Trusts;
import dev.countersign.ticket.domain.Command;
import dev.countersign.ticket.domain.Outcome;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.SessionTrust;
import dev.countersign.ticket.domain.TrustOffer;
import dev.countersign.ticket.domain.Vote;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// The standing permissions of the ticket service: given with a vote, used by what comes, revoked
/// by somebody.
final class SimulatedTrust {

  final Table<SessionTrust> rows = new Table<>();

  /// Which were revoked, and when.
  final Map<ActionId, Instant> revoked = new HashMap<>();

  private final SimulatedTickets tickets;
  private final SimulatedSystem system;

  SimulatedTrust(SimulatedTickets tickets) {
    this.tickets = tickets;
    this.system = tickets.system;
  }

  void grant(ActionId id, Question question, Outcome.Answered answered) {
    Optional<Vote> giving = answered.vote().filter(vote -> vote.trust() != null);
    if (giving.isEmpty() || !tickets.isApproved(id)) {
      return;
    }
    StandingPermission permission = Objects.requireNonNull(giving.get().trust());
    SessionTrust given =
        new SessionTrust(
            id,
            permission,
            giving.get(),
            SessionTrust.labels(question.prompt()),
            0,
            BigDecimal.ZERO,
            false,
            true);
    rows.put(id, system.now, given);
    tickets.emit(Trusts.event(id, system.now, Trust.Change.GRANTED, given, null));
  }

  /// A ticket that has just opened is answered by what is in force, the oldest first.
  void answer(ActionId id, Question question) {
    TrustOffer offer = question.offer();
    if (offer == null) {
      return;
    }
    for (ActionId each : rows.ids()) {
      SessionTrust trust = rows.find(each).orElseThrow();
      Command use =
          new Command.UseTrust(
              system.now,
              seen(trust, question),
              system.people.electorate(question.action().agent()));
      if (tickets.apply(id, use).orElseThrow() instanceof Outcome.Answered
          && tickets.isApproved(id)) {
        used(id, trust, trust.after(offer.amount()));
        return;
      }
    }
  }

  private void used(ActionId id, SessionTrust before, SessionTrust after) {
    if (system.defect != Defect.TRUST_IS_NOT_USED_UP) {
      boolean sums = system.defect != Defect.TRUST_SUMS_NOTHING;
      rows.put(
          after.id(),
          system.now,
          with(after, after.permission(), after.vote(), (sums ? after : before).sum()));
    }
    if (system.defect != Defect.TRUST_IS_USED_AND_NOT_TOLD) {
      tickets.emit(Trusts.event(id, system.now, Trust.Change.USED, after, null));
    }
  }

  /// The permission as the lock on it finds it.
  private SessionTrust seen(SessionTrust trust, Question question) {
    StandingPermission given = trust.permission();
    Vote vote = trust.vote();
    if (system.defect == Defect.TRUST_HAS_NO_END) {
      Vote now =
          new Vote(
              vote.approver(),
              vote.answer(),
              vote.assurance(),
              system.now,
              null,
              null,
              given,
              null);
      return with(trust, given, now, trust.sum());
    }
    if (system.defect == Defect.TRUST_IS_GOOD_IN_EVERY_SESSION) {
      Agent agent =
          new Agent(
              given.agent().id(),
              given.agent().platform(),
              question.action().agent().session(),
              given.agent().onBehalfOf());
      StandingPermission anywhere =
          new StandingPermission(
              agent,
              given.tool(),
              given.toolDigest(),
              given.calls(),
              given.window(),
              given.sum(),
              given.of(),
              given.condition(),
              given.same());
      return with(trust, anywhere, vote, trust.sum());
    }
    return trust;
  }

  private static SessionTrust with(
      SessionTrust trust, StandingPermission permission, Vote vote, BigDecimal sum) {
    return new SessionTrust(
        trust.id(),
        permission,
        vote,
        trust.labels(),
        trust.calls(),
        sum,
        trust.revoked(),
        trust.proven());
  }

  /// Now and then somebody ends one.
  void revokeAny() {
    List<ActionId> standing =
        rows.ids().stream().filter(id -> !rows.find(id).orElseThrow().revoked()).toList();
    if (standing.isEmpty() || system.random.nextInt(4) > 0) {
      return;
    }
    SessionTrust trust = rows.find(system.any(standing)).orElseThrow();
    revoked.putIfAbsent(trust.id(), system.now);
    if (system.defect != Defect.TRUST_OUTLIVES_ITS_REVOCATION) {
      rows.put(
          trust.id(),
          system.now,
          new SessionTrust(
              trust.id(),
              trust.permission(),
              trust.vote(),
              trust.labels(),
              trust.calls(),
              trust.sum(),
              true,
              trust.proven()));
    }
    tickets.emit(Trusts.event(trust.id(), system.now, Trust.Change.REVOKED, trust, "someone"));
  }
}
