package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Assurance;
import dev.countersign.events.LateOutcome;
import dev.countersign.events.Oversight;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.ticket.application.Findings.Found;
import dev.countersign.ticket.application.Findings.Unknown;
import dev.countersign.ticket.domain.Question;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/// Where nobody knows whether an action took effect, a person looks at the target and says what
/// they found. The execution stays `unknown`, for that is what the executor knew; what people found
/// stands beside it, for good, and goes to the agent and into the log.
@ApplicationScoped
public class ReconcileExecution {

  /// The longest words, in characters.
  public static final int LONGEST = 1_000;

  /// How many open ones a page shows.
  public static final int MOST = 100;

  /// One that nobody has looked into, and whether whoever reads may say what they found.
  public record Open(Unknown unknown, boolean mayReconcile) {}

  /// All that is known of one.
  ///
  /// @param late what was said of how it ended after that answer stood: a hint, and no finding
  /// @param may whether the reader's finding would be taken now
  public record Case(Unknown unknown, List<Found> found, List<LateOutcome> late, Reconciled may) {
    public Case {
      found = List.copyOf(found);
      late = List.copyOf(late);
    }
  }

  /// @param after how many findings its writer had before them
  public record Saying(Oversight.Finding finding, String words, int after) {
    public Saying {
      if (words.isBlank() || words.length() > LONGEST) {
        throw new IllegalArgumentException("a finding has words, " + LONGEST + " at most");
      }
    }
  }

  /// What came of it.
  public enum Reconciled {
    TAKEN,
    /// It is known how it ended, or it has not ended.
    NOT_UNKNOWN,
    /// They are not among those who may.
    NOT_YOURS,
    /// They are behind the request.
    OWN_REQUEST,
    /// They may, and their session is worth less than the answer to what was asked would have
    /// taken.
    TOO_WEAK,
    /// Somebody said meanwhile what they found, which they have not read.
    STALE
  }

  private final Mutiny.SessionFactory sessions;
  private final Findings findings;
  private final LateOutcomes late;
  private final Tickets tickets;
  private final FindTickets find;
  private final Roster roster;
  private final Outbox outbox;

  @Inject
  ReconcileExecution(
      Mutiny.SessionFactory sessions,
      Findings findings,
      LateOutcomes late,
      Tickets tickets,
      FindTickets find,
      Roster roster,
      Outbox outbox) {
    this.sessions = sessions;
    this.findings = findings;
    this.late = late;
    this.tickets = tickets;
    this.find = find;
    this.roster = roster;
    this.outbox = outbox;
  }

  /// What nobody has looked into and concerns this person.
  public Uni<List<Open>> open(String approver) {
    return sessions
        .withStatelessSession(session -> open(session, Set.of(approver)))
        .map(open -> Objects.requireNonNull(open.get(approver)));
  }

  /// The same, of each of these people.
  Uni<Map<String, List<Open>>> open(Mutiny.StatelessSession session, Set<String> approvers) {
    return findings
        .open(session, MOST)
        .chain(all ->
            (all.isEmpty()
                    ? Uni.createFrom().item(List.<Docket>of())
                    : tickets.find(session, all.stream().map(Unknown::actionId).toList()))
                .map(found ->
                    approvers.stream()
                        .collect(
                            Collectors.toMap(
                                Function.identity(), each -> open(all, found, each)))));
  }

  private List<Open> open(List<Unknown> all, List<Docket> found, String approver) {
    Map<ActionId, Docket> dockets =
        found.stream().collect(Collectors.toMap(Docket::actionId, Function.identity()));
    List<Open> open = new ArrayList<>();
    for (Unknown each : all) {
      Docket docket = dockets.get(each.actionId());
      if (docket != null && mayRead(docket, approver)) {
        open.add(new Open(each, !isBehind(each, docket, approver) && isOneOf(docket, approver)));
      }
    }
    return open;
  }

  /// Whether an action whose outcome is unknown is before this person's eyes: an admin's too, who
  /// is asked about nothing else of it.
  private boolean mayRead(Docket docket, String approver) {
    return roster.isAdmin(approver) || find.mayRead(docket, approver);
  }

  private boolean isOneOf(Docket docket, String approver) {
    return roster.isAdmin(approver) || find.mayAnswer(docket, approver);
  }

  private boolean isBehind(Unknown unknown, Docket docket, String approver) {
    return roster.electorate(unknown.agent(), docket.now()).behind().contains(approver);
  }

  /// One as this person gets to see it; empty where it is known how it ended, and for whom it is
  /// none of their business.
  public Uni<Optional<Case>> find(Docket docket, String approver, Began began) {
    return docket.standing() != Standing.APPROVED || !mayRead(docket, approver)
        ? Uni.createFrom().item(Optional.empty())
        : sessions.withStatelessSession(session ->
            findings
                .find(session, docket.actionId())
                .chain(unknown ->
                    unknown.isEmpty()
                        ? Uni.createFrom().item(Optional.empty())
                        : read(session, unknown.get(), docket, approver, began).map(Optional::of)));
  }

  private Uni<Case> read(
      Mutiny.StatelessSession session,
      Unknown unknown,
      Docket docket,
      String approver,
      Began began) {
    return findings
        .of(session, docket.actionId())
        .chain(found ->
            late.of(session, docket.actionId())
                .map(
                    said -> new Case(unknown, found, said, may(unknown, docket, approver, began))));
  }

  /// As lifting a hold, it takes what the answer to what was asked takes: whoever has a mailbox
  /// alone does not say how a payment ended that a passkey approved.
  private Reconciled may(Unknown unknown, Docket docket, String approver, Began began) {
    if (isBehind(unknown, docket, approver)) {
      return Reconciled.OWN_REQUEST;
    }
    if (!isOneOf(docket, approver)) {
      return Reconciled.NOT_YOURS;
    }
    Question question = docket.question();
    Assurance needed = question == null ? Assurance.CODE : question.requirement().assurance();
    return began.isPasskey() || began.assurance().satisfies(needed)
        ? Reconciled.TAKEN
        : Reconciled.TOO_WEAK;
  }

  /// Takes a finding. The same by the same person once more is the same finding.
  public Uni<Reconciled> reconcile(ActionId id, String approver, Began began, Saying saying) {
    return sessions.withStatelessTransaction(session ->
        findings
            .lock(session, id)
            .chain(unknown ->
                unknown.isEmpty()
                    ? Uni.createFrom().item(Reconciled.NOT_UNKNOWN)
                    : tickets
                        .find(session, id)
                        .chain(docket ->
                            reconcile(
                                session,
                                unknown.get(),
                                docket.orElseThrow(),
                                approver,
                                began,
                                saying))));
  }

  private Uni<Reconciled> reconcile(
      Mutiny.StatelessSession session,
      Unknown unknown,
      Docket docket,
      String approver,
      Began began,
      Saying saying) {
    Reconciled may = may(unknown, docket, approver, began);
    return may != Reconciled.TAKEN
        ? Uni.createFrom().item(may)
        : findings
            .of(session, unknown.actionId())
            .chain(found -> {
              if (!found.isEmpty() && isSame(found.getLast(), approver, saying)) {
                return Uni.createFrom().item(Reconciled.TAKEN);
              }
              return found.size() == saying.after()
                  ? add(session, unknown, docket, approver, saying).replaceWith(Reconciled.TAKEN)
                  : Uni.createFrom().item(Reconciled.STALE);
            });
  }

  private static boolean isSame(Found last, String approver, Saying saying) {
    return last.by().equals(approver)
        && last.finding() == saying.finding()
        && last.words().equals(saying.words());
  }

  private Uni<Void> add(
      Mutiny.StatelessSession session,
      Unknown unknown,
      Docket docket,
      String approver,
      Saying saying) {
    return findings
        .add(session, unknown.actionId(), saying.finding(), saying.words(), approver)
        .chain(at ->
            outbox.append(
                session,
                List.of(
                    new Outgoing(
                        Oversight.ofFinding(
                            unknown.actionId(),
                            at,
                            approver,
                            unknown.agent(),
                            new Oversight.Reconciled(saying.finding(), saying.after() > 0),
                            saying.words()),
                        docket.traceparent()))));
  }
}
