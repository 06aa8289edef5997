package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.Event;
import dev.countersign.events.Expired;
import dev.countersign.events.GrantLife;
import dev.countersign.events.Reason;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Puts commands to tickets, one to each: lock the rows, ask the machine, write what it says and
/// publish it, all in the caller's transaction and set-wise.
///
/// The rows are locked rather than tried again on a newer version: of a hundred commands at once
/// each waits its turn and learns the same answer, instead of ninety-nine starting over. The
/// version is compared in the `update` all the same.
///
/// What can't be signed does not happen: the transaction fails as a whole.
@ApplicationScoped
public class DecideTicket {

  // In base64, beside an action and its grant, within the million bytes of an event.
  private static final int MOST_ATTESTED = 600_000;

  private final Tickets tickets;
  private final Envelopes envelopes;
  private final Trusts trusts;
  private final Archive archive;
  private final Attestations attestations;
  private final Grants grants;
  private final AskNext askNext;
  private final Outbox outbox;

  @Inject
  DecideTicket(
      Tickets tickets,
      Envelopes envelopes,
      Attestations attestations,
      Trusts trusts,
      Archive archive,
      Grants grants,
      AskNext askNext,
      Outbox outbox) {
    this.tickets = tickets;
    this.envelopes = envelopes;
    this.attestations = attestations;
    this.trusts = trusts;
    this.archive = archive;
    this.grants = grants;
    this.askNext = askNext;
    this.outbox = outbox;
  }

  /// What the commands did; nothing where there is no ticket of an id. Each command is made from
  /// the locked docket, whose `now` is the time of the command.
  Uni<Map<ActionId, Outcome>> decide(
      Mutiny.StatelessSession session,
      Map<ActionId, ? extends Function<Docket, ? extends Command>> commands) {
    return tickets
        .lock(session, commands.keySet())
        .map(dockets -> decided(dockets, commands))
        .call(decided -> settle(session, decided))
        .map(decided ->
            decided.stream()
                .collect(
                    Collectors.toMap(each -> each.docket().actionId(), Tickets.Decided::outcome)));
  }

  /// Puts the same command to all of these, and asks nobody in their place.
  Uni<Void> end(
      Mutiny.StatelessSession session, List<ActionId> ids, Function<Docket, Command> command) {
    Map<ActionId, Function<Docket, Command>> commands = new HashMap<>();
    ids.forEach(id -> commands.put(id, command));
    return tickets
        .lock(session, ids)
        .map(dockets -> decided(dockets, commands))
        .chain(decided -> write(session, decided))
        .replaceWithVoid();
  }

  /// Signs what was voted about tickets that are locked, writes what was decided, and publishes it.
  Uni<Void> settle(Mutiny.StatelessSession session, List<Tickets.Decided> decided) {
    return write(session, decided).chain(attested -> askNext.after(session, unanswered(attested)));
  }

  private Uni<List<Tickets.Decided>> write(
      Mutiny.StatelessSession session, List<Tickets.Decided> decided) {
    return attested(decided)
        .call(attested ->
            tickets
                .save(session, attested)
                .chain(() -> archive.remember(session, attested))
                .chain(() -> trusts.grant(session, Trusts.Given.in(attested)))
                .chain(() -> events(session, attested))
                .chain(events -> outbox.append(session, events)));
  }

  /// Those that ended without an answer of the people who were asked.
  private static List<ActionId> unanswered(List<Tickets.Decided> decided) {
    return decided.stream()
        .filter(each ->
            each.outcome() instanceof Outcome.Answered answered
                && switch (answered.ticket()) {
                  case Ticket.Expired _, Ticket.Cancelled _ -> true;
                  case Ticket.Pending _, Ticket.Approved _, Ticket.Rejected _ -> false;
                })
        .map(each -> each.docket().actionId())
        .toList();
  }

  private static List<Tickets.Decided> decided(
      List<Docket> dockets, Map<ActionId, ? extends Function<Docket, ? extends Command>> commands) {
    List<Tickets.Decided> decided = new ArrayList<>();
    for (Docket docket : dockets) {
      Function<Docket, ? extends Command> command =
          Objects.requireNonNull(commands.get(docket.actionId()));
      docket
          .ticket()
          .map(ticket -> TicketMachine.decide(ticket, command.apply(docket)))
          .ifPresent(outcome -> decided.add(new Tickets.Decided(docket, outcome)));
    }
    return decided;
  }

  private Uni<List<Tickets.Decided>> attested(List<Tickets.Decided> decided) {
    List<Attestations.Cast> casts = new ArrayList<>();
    for (Tickets.Decided each : decided) {
      vote(each.outcome()).ifPresent(vote -> casts.add(new Attestations.Cast(each.docket(), vote)));
    }
    return attestations
        .sign(casts)
        .map(signed -> {
          Map<ActionId, DsseEnvelope> of = new HashMap<>();
          for (int i = 0; i < signed.size(); i++) {
            of.put(casts.get(i).docket().actionId(), signed.get(i));
          }
          return decided.stream()
              .map(each ->
                  new Tickets.Decided(
                      each.docket(), each.outcome(), of.get(each.docket().actionId())))
              .toList();
        });
  }

  private static Optional<Vote> vote(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Counted counted -> Optional.of(counted.vote());
      case Outcome.Answered answered -> answered.vote();
      case Outcome.Unchanged _, Outcome.Refused _ -> Optional.empty();
    };
  }

  private Uni<List<Outgoing>> events(
      Mutiny.StatelessSession session, List<Tickets.Decided> decided) {
    List<Grants.Permission> permissions =
        decided.stream().flatMap(each -> permission(each).stream()).toList();
    return envelopes
        .attestations(session, withVotesOfBefore(decided))
        .chain(attested ->
            grants
                .sign(permissions)
                .map(signed -> {
                  Map<ActionId, String> grantOf = new HashMap<>();
                  for (int i = 0; i < signed.size(); i++) {
                    grantOf.put(permissions.get(i).actionId(), signed.get(i));
                  }
                  return decided.stream()
                      .flatMap(each ->
                          events(
                              each,
                              grantOf.get(each.docket().actionId()),
                              attested.getOrDefault(votedOn(each), Map.of())))
                      .toList();
                }));
  }

  /// Where those that are answered now have votes that counted earlier.
  private static List<ActionId> withVotesOfBefore(List<Tickets.Decided> decided) {
    return decided.stream()
        .filter(each ->
            each.outcome() instanceof Outcome.Answered
                && (!each.docket().votes().isEmpty()
                    || !votedOn(each).equals(each.docket().actionId())))
        .map(DecideTicket::votedOn)
        .distinct()
        .toList();
  }

  /// The action at which people voted: another one where their vote gave the session trust.
  private static ActionId votedOn(Tickets.Decided decided) {
    return decided.outcome() instanceof Outcome.Answered answered
            && answered.ticket() instanceof Ticket.Approved approved
            && approved.trust() != null
        ? approved.trust()
        : decided.docket().actionId();
  }

  private static Optional<Grants.Permission> permission(Tickets.Decided decided) {
    if (!(decided.outcome() instanceof Outcome.Answered answered)
        || !(answered.ticket() instanceof Ticket.Approved approved)) {
      return Optional.empty();
    }
    Question question = question(decided.docket());
    return Optional.of(
        new Grants.Permission(
            decided.docket().actionId(),
            question.action(),
            question.actionDigest(),
            approved.at(),
            approved.votes(),
            question.prompt().preconditions(),
            question.prompt().toolDigest(),
            GrantLife.of(question.requirement().grantLife())));
  }

  private static Stream<Outgoing> events(
      Tickets.Decided decided, @Nullable String grant, Map<String, DsseEnvelope> ofBefore) {
    Docket docket = decided.docket();
    return switch (decided.outcome()) {
      case Outcome.Counted counted ->
          Stream.of(recorded(decided, counted.vote(), counted.votesSoFar()));
      case Outcome.Answered answered ->
          Stream.of(
                  answered.vote().stream()
                      .map(vote -> recorded(decided, vote, answered.votesSoFar())),
                  Stream.of(
                      new Outgoing(
                          answer(
                              docket,
                              answered.ticket(),
                              grant,
                              attestations(decided, answered, ofBefore)),
                          docket.traceparent())),
                  Trusts.Given.in(List.of(decided)).stream()
                      .map(given -> new Outgoing(given.event(), docket.traceparent())))
              .flatMap(each -> each);
      case Outcome.Unchanged _, Outcome.Refused _ -> Stream.empty();
    };
  }

  /// The attestations of the votes that stand behind an answer: of those that fill the seats when
  /// it is approved, or of the one that gave the session trust; else of all that stand, the latest
  /// of them where not all have room: `vote-recorded` has each. The one that brought it about comes
  /// last, in the place of an earlier one by the same person.
  private static List<DsseEnvelope> attestations(
      Tickets.Decided decided, Outcome.Answered answered, Map<String, DsseEnvelope> ofBefore) {
    Map<String, DsseEnvelope> standing = new LinkedHashMap<>();
    List<Vote> earlier =
        answered.ticket() instanceof Ticket.Approved approved
            ? approved.votes()
            : decided.docket().votes().stream().filter(Vote::stands).toList();
    for (Vote each : earlier) {
      DsseEnvelope attestation = ofBefore.get(each.approver());
      if (attestation != null) {
        standing.put(each.approver(), attestation);
      }
    }
    answered
        .vote()
        .ifPresent(vote -> {
          standing.remove(vote.approver());
          standing.put(
              vote.approver(),
              Objects.requireNonNull(decided.attestation(), "a vote that counts is attested"));
        });
    List<DsseEnvelope> all = List.copyOf(standing.values());
    return answered.ticket() instanceof Ticket.Approved ? all : latest(all);
  }

  /// A no rests on no proof, and must not fail for want of room.
  private static List<DsseEnvelope> latest(List<DsseEnvelope> all) {
    int from = all.size();
    for (int room = MOST_ATTESTED; from > 0; from--) {
      room -= all.get(from - 1).payload().length();
      if (room < 0) {
        break;
      }
    }
    return all.subList(from, all.size());
  }

  private static Outgoing recorded(Tickets.Decided decided, Vote vote, int votesSoFar) {
    Docket docket = decided.docket();
    return new Outgoing(
        new VoteRecorded(
            docket.actionId(),
            vote.at(),
            vote.approver(),
            vote.answer(),
            vote.assurance(),
            decided.attestation(),
            votesSoFar,
            question(docket).requirement().votesNeeded()),
        docket.traceparent());
  }

  private static Event answer(
      Docket docket, Ticket ticket, @Nullable String grant, List<DsseEnvelope> attestations) {
    return switch (ticket) {
      case Ticket.Approved it ->
          new Decision(
              docket.actionId(),
              it.at(),
              Decision.Outcome.APPROVED,
              it.trust() == null ? Decision.Basis.VOTES : Decision.Basis.TRUST,
              it.reason(),
              question(docket).actionDigest(),
              question(docket).action(),
              grant,
              attestations);
      case Ticket.Rejected it ->
          no(
              docket,
              it.at(),
              Decision.Outcome.REJECTED,
              Decision.Basis.VOTES,
              it.reason(),
              attestations);
      case Ticket.Cancelled it ->
          no(docket, it.at(), Decision.Outcome.CANCELLED, null, it.reason(), attestations);
      case Ticket.Expired it -> new Expired(docket.actionId(), it.at(), it.reason());
      case Ticket.Pending _ -> throw new IllegalStateException("pending is no answer");
    };
  }

  private static Decision no(
      Docket docket,
      Instant at,
      Decision.Outcome outcome,
      Decision.@Nullable Basis basis,
      Reason reason,
      List<DsseEnvelope> attestations) {
    return new Decision(
        docket.actionId(),
        at,
        outcome,
        basis,
        reason,
        question(docket).actionDigest(),
        null,
        null,
        attestations);
  }

  private static Question question(Docket docket) {
    return Objects.requireNonNull(docket.question(), "a ticket has a question");
  }
}
