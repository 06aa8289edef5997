package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Assurance;
import dev.countersign.events.TicketSeen;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.ticket.domain.Approver;
import dev.countersign.ticket.domain.Brakes;
import dev.countersign.ticket.domain.Pace;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Tally;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// What an approver gets to see.
@ApplicationScoped
public class FindTickets {

  /// How many tickets an inbox shows; a person answers the next ones first.
  public static final int INBOX = 50;

  /// How many the database is asked for at once: some may be left out.
  public static final int PAGE = 200;

  private final Mutiny.SessionFactory sessions;
  private final Tickets tickets;
  private final Inboxes inboxes;
  private final Paces paces;
  private final Roster roster;
  private final Outbox outbox;

  @Inject
  FindTickets(
      Mutiny.SessionFactory sessions,
      Tickets tickets,
      Inboxes inboxes,
      Paces paces,
      Roster roster,
      Outbox outbox) {
    this.sessions = sessions;
    this.tickets = tickets;
    this.inboxes = inboxes;
    this.paces = paces;
    this.roster = roster;
    this.outbox = outbox;
  }

  /// What is on file about an action; nothing is noted.
  public Uni<Optional<Docket>> find(ActionId id) {
    return sessions.withStatelessSession(session -> tickets.find(session, id));
  }

  /// What is on file, as seen by this approver. Their first look at a ticket that they may answer
  /// is published; the ticket itself does not change.
  public Uni<Optional<Docket>> show(ActionId id, String approver) {
    return sessions.withStatelessTransaction(session ->
        tickets.find(session, id).call(found -> see(session, found.stream().toList(), approver)));
  }

  /// Notes that they look at these, and publishes their first look at each ticket that they may
  /// answer.
  Uni<Void> see(Mutiny.StatelessSession session, List<Docket> dockets, String approver) {
    List<Docket> theirs =
        dockets.stream()
            .filter(each -> each.standing() == Standing.PENDING && mayAnswer(each, approver))
            .toList();
    return theirs.isEmpty()
        ? Uni.createFrom().voidItem()
        : tickets
            .see(session, theirs.stream().map(Docket::actionId).toList(), approver)
            .chain(first ->
                outbox.append(
                    session,
                    theirs.stream()
                        .filter(each -> first.contains(each.actionId()))
                        .map(each ->
                            new Outgoing(
                                new TicketSeen(each.actionId(), each.now(), approver),
                                each.traceparent()))
                        .toList()));
  }

  /// Whether this approver's answer would count now.
  public boolean mayAnswer(Docket docket, String approver) {
    Question question = docket.question();
    return question != null
        && roster
            .electorate(question.action().agent(), docket.now())
            .eligible(question.requirement())
            .stream()
            .map(Approver::id)
            .anyMatch(approver::equals);
  }

  /// How far the votes on it go, of what is answered when it was: by the operator's file as it is
  /// now.
  public Tally tally(Docket docket, Question question) {
    Instant at = Objects.requireNonNullElse(docket.decidedAt(), docket.now());
    return Tally.of(
        docket.votes(), question.requirement(), roster.electorate(question.action().agent(), at));
  }

  /// What holds an approval of theirs back as things stand.
  public Uni<Brakes> brakes(Docket docket, String approver) {
    return brakes(List.of(docket), approver)
        .map(brakes -> brakes.getOrDefault(docket.actionId(), Brakes.NONE));
  }

  /// The same, of each of these.
  public Uni<Map<ActionId, Brakes>> brakes(List<Docket> dockets, String approver) {
    Map<ActionId, String> paced = new HashMap<>();
    for (Docket each : dockets) {
      Question question = each.question();
      if (question != null && question.requirement().assurance() == Assurance.PASSKEY) {
        paced.put(each.actionId(), approver);
      }
    }
    Uni<Map<ActionId, Pace>> paces =
        paced.isEmpty()
            ? Uni.createFrom().item(Map.of())
            : sessions.withStatelessSession(session -> this.paces.of(session, paced));
    return paces.map(found ->
        dockets.stream()
            .collect(
                Collectors.toMap(
                    Docket::actionId,
                    each ->
                        new Brakes(
                            each.hold() != null, found.getOrDefault(each.actionId(), Pace.CALM)))));
  }

  /// Whether this approver is behind the request.
  public boolean isBehind(Docket docket, String approver) {
    Question question = docket.question();
    return question != null
        && roster.electorate(question.action().agent(), docket.now()).behind().contains(approver);
  }

  /// Whether this approver gets to see what is asked: who may answer it, who is behind it, and who
  /// has answered it, whatever group they stand in now.
  public boolean mayRead(Docket docket, String approver) {
    return mayAnswer(docket, approver)
        || isBehind(docket, approver)
        || docket.votes().stream().anyMatch(vote -> vote.approver().equals(approver));
  }

  /// A question that waits.
  ///
  /// @param alike how many tickets ask it, the one that is shown among them
  /// @param together how many of those are answered together with that one, itself counted; 0 where
  ///   it is asked about alone, or in a batch
  public record Waiting(Docket docket, int alike, int together) {}

  /// The pending tickets that this approver may answer and has not, the next deadline first,
  /// however many wait for others.
  public Uni<List<Docket>> inbox(String approver) {
    return sessions.withStatelessSession(session -> inbox(session, approver, inboxes::pending));
  }

  /// The same, but tickets that ask the same question as one.
  public Uni<List<Waiting>> questions(String approver) {
    return sessions.withStatelessSession(session ->
        inbox(session, approver, inboxes::questions)
            .chain(first ->
                inboxes
                    .countAlike(session, approver, first.stream().map(Docket::actionId).toList())
                    .map(counts ->
                        first.stream()
                            .map(each -> {
                              Inboxes.Alike alike =
                                  counts.getOrDefault(each.actionId(), Inboxes.Alike.NONE);
                              return new Waiting(each, alike.all(), alike.together());
                            })
                            .toList())));
  }

  /// A page of what waits: {@link Inboxes#pending} or {@link Inboxes#questions}.
  private interface Pager {
    Uni<List<Docket>> page(
        Mutiny.StatelessSession session,
        String approver,
        Set<String> groups,
        @Nullable Docket after,
        int atMost);
  }

  private Uni<List<Docket>> inbox(Mutiny.StatelessSession session, String approver, Pager pager) {
    return tickets
        .now(session)
        .chain(now ->
            inbox(session, pager, approver, roster.groups(approver, now), null, new ArrayList<>()));
  }

  /// A page more. The database leaves out what asks other groups; what is left out here are those
  /// that this person is behind.
  private Uni<List<Docket>> inbox(
      Mutiny.StatelessSession session,
      Pager pager,
      String approver,
      Set<String> groups,
      @Nullable Docket after,
      List<Docket> theirs) {
    return pager
        .page(session, approver, groups, after, PAGE)
        .chain(page -> {
          for (Docket each : page) {
            if (theirs.size() < INBOX && mayAnswer(each, approver)) {
              theirs.add(each);
            }
          }
          return theirs.size() == INBOX || page.size() < PAGE
              ? Uni.createFrom().item(theirs)
              : inbox(session, pager, approver, groups, page.getLast(), theirs);
        });
  }
}
