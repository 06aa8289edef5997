package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.Expired;
import dev.countersign.events.VoteRecorded;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.ticket.domain.Command;
import dev.countersign.ticket.domain.Outcome;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Ticket;
import dev.countersign.ticket.domain.TicketMachine;
import dev.countersign.ticket.domain.Vote;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;

/// Puts one command to one ticket: lock the row, ask the machine, write what it says and publish
/// it, all in the caller's transaction.
///
/// The row is locked rather than tried again on a newer version: of a hundred commands at once each
/// waits its turn and learns the same answer, instead of ninety-nine starting over. The version is
/// compared in the `update` all the same.
@ApplicationScoped
public class DecideTicket {

  private final Tickets tickets;
  private final Grants grants;
  private final Outbox outbox;

  @Inject
  DecideTicket(Tickets tickets, Grants grants, Outbox outbox) {
    this.tickets = tickets;
    this.grants = grants;
    this.outbox = outbox;
  }

  /// What the command did; empty where there is no ticket of this id. `command` is made from the
  /// locked docket, whose `now` is the time of the command.
  Uni<Optional<Outcome>> decide(
      Mutiny.StatelessSession session, ActionId id, Function<Docket, Command> command) {
    return tickets
        .lock(session, id)
        .chain(found -> {
          Optional<Ticket> ticket = found.flatMap(Docket::ticket);
          if (ticket.isEmpty()) {
            return Uni.createFrom().item(Optional.empty());
          }
          Docket docket = found.orElseThrow();
          Outcome outcome = TicketMachine.decide(ticket.get(), command.apply(docket));
          return tickets
              .save(session, docket, outcome)
              .chain(() -> events(docket, outcome))
              .chain(events -> outbox.append(session, events))
              .replaceWith(Optional.of(outcome));
        });
  }

  private Uni<List<Outgoing>> events(Docket docket, Outcome outcome) {
    return switch (outcome) {
      case Outcome.Counted counted ->
          Uni.createFrom().item(List.of(recorded(docket, counted.vote(), counted.votesSoFar())));
      case Outcome.Answered answered ->
          answer(docket, answered)
              .map(event -> {
                List<Outgoing> events = new ArrayList<>();
                answered
                    .vote()
                    .ifPresent(vote -> events.add(recorded(docket, vote, answered.votesSoFar())));
                events.add(event);
                return events;
              });
      case Outcome.Unchanged _, Outcome.Refused _ -> Uni.createFrom().item(List.of());
    };
  }

  private static Outgoing recorded(Docket docket, Vote vote, int votesSoFar) {
    return new Outgoing(
        new VoteRecorded(
            docket.actionId(),
            vote.at(),
            vote.approver(),
            vote.answer(),
            vote.assurance(),
            null,
            votesSoFar,
            question(docket).requirement().votesNeeded()),
        docket.traceparent());
  }

  private Uni<Outgoing> answer(Docket docket, Outcome.Answered answered) {
    Question question = question(docket);
    return switch (answered.ticket()) {
      case Ticket.Approved approved ->
          grants
              .sign(
                  List.of(
                      new Grants.Permission(
                          docket.actionId(),
                          question.action(),
                          question.actionDigest(),
                          approved.at(),
                          approved.votes())))
              .map(signed ->
                  new Outgoing(
                      new Decision(
                          docket.actionId(),
                          approved.at(),
                          Decision.Outcome.APPROVED,
                          Decision.Basis.VOTES,
                          approved.reason(),
                          question.actionDigest(),
                          question.action(),
                          signed.getFirst(),
                          List.of()),
                      docket.traceparent()));
      case Ticket.Rejected rejected ->
          Uni.createFrom()
              .item(
                  new Outgoing(
                      new Decision(
                          docket.actionId(),
                          rejected.at(),
                          Decision.Outcome.REJECTED,
                          Decision.Basis.VOTES,
                          rejected.reason(),
                          question.actionDigest(),
                          null,
                          null,
                          List.of()),
                      docket.traceparent()));
      case Ticket.Cancelled cancelled ->
          Uni.createFrom()
              .item(
                  new Outgoing(
                      new Decision(
                          docket.actionId(),
                          cancelled.at(),
                          Decision.Outcome.CANCELLED,
                          null,
                          cancelled.reason(),
                          question.actionDigest(),
                          null,
                          null,
                          List.of()),
                      docket.traceparent()));
      case Ticket.Expired expired ->
          Uni.createFrom()
              .item(
                  new Outgoing(
                      new Expired(docket.actionId(), expired.at(), expired.reason()),
                      docket.traceparent()));
      case Ticket.Pending _ -> throw new IllegalStateException("pending is no answer");
    };
  }

  private static Question question(Docket docket) {
    return Objects.requireNonNull(docket.question(), "a ticket has a question");
  }
}
