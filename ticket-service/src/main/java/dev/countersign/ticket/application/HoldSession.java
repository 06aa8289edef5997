package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Answer;
import dev.countersign.events.Oversight;
import dev.countersign.events.Reason;
import dev.countersign.messaging.Epochs;
import dev.countersign.messaging.Failures;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.ticket.domain.AgentSession;
import dev.countersign.ticket.domain.Outcome;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Refusal;
import dev.countersign.ticket.domain.TicketMachine;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// An approver did not expect what they were asked: that is a no, and nothing further is taken from
/// the session that asked until somebody lifts the hold. One transaction does both.
@ApplicationScoped
public class HoldSession {

  /// The reason code of the hold.
  static final String NOT_EXPECTED = "not-expected";

  private final Epochs epochs;
  private final Tickets tickets;
  private final Holds holds;
  private final CastVote vote;
  private final DecideTicket decide;
  private final Outbox outbox;

  @Inject
  HoldSession(
      Epochs epochs,
      Tickets tickets,
      Holds holds,
      CastVote vote,
      DecideTicket decide,
      Outbox outbox) {
    this.epochs = epochs;
    this.tickets = tickets;
    this.holds = holds;
    this.vote = vote;
    this.decide = decide;
    this.outbox = outbox;
  }

  /// What came of the rejection; empty where there is no such ticket. Where somebody else answered
  /// first the session is held all the same, but only by whoever could have answered: for holding
  /// it takes what the answer takes.
  ///
  /// @param ballot a rejection
  public Uni<Optional<Outcome>> because(ActionId id, CastVote.Ballot ballot) {
    if (ballot.answer() != Answer.REJECT) {
      throw new IllegalArgumentException("what nobody expected is rejected");
    }
    return epochs
        .inTransaction(session -> because(session, id, ballot))
        .onFailure(Failures::gaveWay)
        .retry()
        .atMost(CastVote.NEW_BEGINNINGS);
  }

  private Uni<Optional<Outcome>> because(
      Mutiny.StatelessSession session, ActionId id, CastVote.Ballot ballot) {
    return tickets
        .find(session, id)
        .chain(docket -> {
          Question question = docket.map(Docket::question).orElse(null);
          return question == null
              ? Uni.createFrom().item(Optional.empty())
              : because(session, docket.orElseThrow(), question, ballot);
        });
  }

  private Uni<Optional<Outcome>> because(
      Mutiny.StatelessSession session, Docket docket, Question question, CastVote.Ballot ballot) {
    ActionId id = docket.actionId();
    AgentSession held = AgentSession.of(question.action().agent());
    return holds
        .lock(session, held)
        .chain(() -> vote.commands(session, Map.of(id, saying(ballot))))
        .chain(commands ->
            decide
                .decide(session, commands)
                .map(outcomes -> Optional.ofNullable(outcomes.get(id)))
                .chain(outcome -> {
                  // Whoever is not heard about the ticket holds nothing either: neither while it
                  // is pending, where the machine has said so, nor once it is answered.
                  Optional<Refusal> unheard =
                      Optional.ofNullable(commands.get(id))
                          .flatMap(
                              command -> TicketMachine.unheard(question, command.apply(docket)));
                  if (outcome.filter(HoldSession::isOver).isEmpty()) {
                    return Uni.createFrom().item(outcome);
                  }
                  return unheard.isPresent()
                      ? Uni.createFrom().item(unheard.map(Outcome.Refused::new))
                      : hold(session, docket, question, held, ballot).replaceWith(outcome);
                }));
  }

  /// Whether there is nothing left to answer, by them or by whoever came first; or whether another
  /// vote came first and theirs must be given again: until then nobody is to approve what they did
  /// not expect.
  private static boolean isOver(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Answered _ -> true;
      case Outcome.Refused refused ->
          refused.refusal() == Refusal.ALREADY_DECIDED || refused.refusal() == Refusal.STALE;
      case Outcome.Counted _, Outcome.Unchanged _ -> false;
    };
  }

  /// With what the agent must know beyond the approver's own words.
  private static CastVote.Ballot saying(CastVote.Ballot ballot) {
    return ballot.because(
        said(ballot)
            + " Everything further from this session is held: ask "
            + ballot.approver()
            + " before you propose anything again.");
  }

  private static String said(CastVote.Ballot ballot) {
    @Nullable String reason = ballot.reason();
    return reason == null ? ballot.approver() + " did not expect this." : reason;
  }

  private Uni<Void> hold(
      Mutiny.StatelessSession session,
      Docket docket,
      Question question,
      AgentSession held,
      CastVote.Ballot ballot) {
    String reason = said(ballot);
    return holds
        .add(session, held, docket.actionId(), ballot.approver(), reason)
        .chain(added ->
            added
                ? tickets
                    .now(session)
                    .chain(now ->
                        outbox.append(
                            session,
                            List.of(
                                new Outgoing(
                                    event(docket, question, ballot.approver(), reason, now),
                                    docket.traceparent()))))
                : Uni.createFrom().voidItem());
  }

  private static Oversight event(
      Docket docket, Question question, String by, String reason, Instant at) {
    return new Oversight(
        docket.actionId(),
        at,
        Oversight.Change.SESSION_HELD,
        by,
        null,
        question.action().agent(),
        null,
        new Reason(NOT_EXPECTED, reason));
  }
}
