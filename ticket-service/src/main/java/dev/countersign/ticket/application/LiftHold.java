package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Oversight;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
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

/// Which sessions are held, and who takes things from them again.
@ApplicationScoped
public class LiftHold {

  /// A hold, the ticket at which it was, and whether whoever looks may lift it.
  public record Held(Hold hold, Docket docket, boolean mayLift) {}

  /// What came of it.
  public enum Lifted {
    LIFTED,
    /// Somebody else lifted it.
    NOT_HELD,
    /// They are not among those who may.
    NOT_YOURS,
    /// They may, and their session is worth less than the answer that held it would have taken.
    TOO_WEAK
  }

  private final Mutiny.SessionFactory sessions;
  private final Holds holds;
  private final Tickets tickets;
  private final FindTickets find;
  private final Roster roster;
  private final Outbox outbox;

  @Inject
  LiftHold(
      Mutiny.SessionFactory sessions,
      Holds holds,
      Tickets tickets,
      FindTickets find,
      Roster roster,
      Outbox outbox) {
    this.sessions = sessions;
    this.holds = holds;
    this.tickets = tickets;
    this.find = find;
    this.roster = roster;
    this.outbox = outbox;
  }

  /// What is held and concerns this person, the last first.
  public Uni<List<Held>> find(String approver) {
    return sessions
        .withStatelessSession(session -> find(session, Set.of(approver)))
        .map(held -> Objects.requireNonNull(held.get(approver)));
  }

  /// The same, of each of these people.
  Uni<Map<String, List<Held>>> find(Mutiny.StatelessSession session, Set<String> approvers) {
    return holds
        .all(session)
        .chain(all ->
            tickets
                .find(session, all.stream().map(Hold::actionId).toList())
                .map(found ->
                    approvers.stream()
                        .collect(
                            Collectors.toMap(
                                Function.identity(), each -> held(all, found, each)))));
  }

  private List<Held> held(List<Hold> holds, List<Docket> found, String approver) {
    Map<ActionId, Docket> dockets =
        found.stream().collect(Collectors.toMap(Docket::actionId, Function.identity()));
    List<Held> held = new ArrayList<>();
    for (Hold each : holds) {
      Docket docket = dockets.get(each.actionId());
      if (docket != null && concerns(docket, approver)) {
        held.add(new Held(each, docket, mayLift(each, docket, approver)));
      }
    }
    return held;
  }

  private boolean concerns(Docket docket, String approver) {
    return roster.isAdmin(approver) || find.mayRead(docket, approver);
  }

  /// Whoever held it, who may answer what was asked, and an admin; but nobody who is behind it.
  private boolean mayLift(Hold hold, Docket docket, String approver) {
    return !find.isBehind(docket, approver)
        && (hold.by().equals(approver)
            || roster.isAdmin(approver)
            || find.mayAnswer(docket, approver));
  }

  /// Lifts a hold. What was pending can be answered again; what was refused stays so. It takes as
  /// much as the answer to what was asked: whoever has a mailbox alone frees no session that a
  /// passkey held.
  public Uni<Lifted> lift(long id, String approver, Began began) {
    return sessions.withStatelessTransaction(session ->
        holds
            .find(session, id)
            .chain(hold ->
                hold.isEmpty()
                    ? Uni.createFrom().item(Lifted.NOT_HELD)
                    : lift(session, hold.get(), approver, began)));
  }

  private Uni<Lifted> lift(
      Mutiny.StatelessSession session, Hold hold, String approver, Began began) {
    return tickets
        .find(session, hold.actionId())
        .chain(docket -> {
          Optional<Question> question = docket.map(Docket::question);
          if (question.isEmpty() || !mayLift(hold, docket.orElseThrow(), approver)) {
            return Uni.createFrom().item(Lifted.NOT_YOURS);
          }
          if (!began.isPasskey()
              && !began.assurance().satisfies(question.get().requirement().assurance())) {
            return Uni.createFrom().item(Lifted.TOO_WEAK);
          }
          return holds
              .release(session, hold.id(), approver)
              .chain(released ->
                  released
                      ? publish(session, docket.orElseThrow(), question.get(), approver)
                          .replaceWith(Lifted.LIFTED)
                      : Uni.createFrom().item(Lifted.NOT_HELD));
        });
  }

  private Uni<Void> publish(
      Mutiny.StatelessSession session, Docket docket, Question question, String by) {
    return outbox.append(
        session,
        List.of(
            new Outgoing(
                new Oversight(
                    docket.actionId(),
                    docket.now(),
                    Oversight.Change.SESSION_RELEASED,
                    by,
                    null,
                    question.action().agent(),
                    null,
                    null),
                docket.traceparent())));
  }
}
