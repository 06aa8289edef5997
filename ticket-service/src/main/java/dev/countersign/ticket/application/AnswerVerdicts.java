package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.GrantLife;
import dev.countersign.events.Verdict;
import dev.countersign.messaging.Handler;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.messaging.Received;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Takes in verdicts, a polled batch in one transaction: what is allowed, denied or refused is
/// decided at once; for the rest a ticket opens.
///
/// If the process dies before the commit, the batch comes again and does the same; after it, each
/// row is on file already and nothing happens.
@ApplicationScoped
public class AnswerVerdicts implements Handler<Judgement> {

  private final Tickets tickets;
  private final UseTrust useTrust;
  private final CancelRestored cancelRestored;
  private final RefuseHeld refuseHeld;
  private final ShareAttention attention;
  private final Grants grants;

  private final FirstAnswers answers;
  private final SettleKnown known;
  private final ExpireTickets expiry;
  private final Outbox outbox;

  @Inject
  AnswerVerdicts(
      Tickets tickets,
      UseTrust useTrust,
      CancelRestored cancelRestored,
      RefuseHeld refuseHeld,
      ShareAttention attention,
      Grants grants,
      FirstAnswers answers,
      SettleKnown known,
      ExpireTickets expiry,
      Outbox outbox) {
    this.tickets = tickets;
    this.useTrust = useTrust;
    this.cancelRestored = cancelRestored;
    this.refuseHeld = refuseHeld;
    this.attention = attention;
    this.grants = grants;
    this.answers = answers;
    this.known = known;
    this.expiry = expiry;
    this.outbox = outbox;
  }

  @Override
  public Uni<Void> handle(Mutiny.StatelessSession session, List<Received<Judgement>> events) {
    Map<ActionId, Received<Judgement>> first = new LinkedHashMap<>();
    for (Received<Judgement> each : events) {
      first.putIfAbsent(each.event().actionId(), each);
    }
    return cancelRestored
        .among(session, List.copyOf(first.values()))
        .chain(current -> refuseHeld.among(session, current))
        .chain(once -> file(session, events, once));
  }

  private Uni<Void> file(
      Mutiny.StatelessSession session,
      List<Received<Judgement>> events,
      List<Received<Judgement>> once) {
    return tickets
        .file(session, once)
        .chain(filed ->
            useTrust
                .on(session, fresh(once, filed).map(Received::event).toList())
                .chain(answered -> publish(session, once, filed, answered))
                .replaceWith(filed))
        .chain(filed -> known.settle(session, events, once, filed));
  }

  private Uni<Void> publish(
      Mutiny.StatelessSession session,
      List<Received<Judgement>> once,
      Map<ActionId, Tickets.Filed> filed,
      Set<ActionId> answered) {
    List<Received<Judgement>> fresh =
        fresh(once, filed).filter(each -> !answered.contains(each.event().actionId())).toList();
    List<Judgement.Opens> opens =
        fresh.stream()
            .map(Received::event)
            .filter(Judgement.Opens.class::isInstance)
            .map(Judgement.Opens.class::cast)
            .toList();
    return attention.among(session, opens).chain(shared -> publish(session, fresh, filed, shared));
  }

  private Uni<Void> publish(
      Mutiny.StatelessSession session,
      List<Received<Judgement>> fresh,
      Map<ActionId, Tickets.Filed> filed,
      ShareAttention.Shared shared) {
    List<Grants.Permission> permissions = new ArrayList<>();
    for (Received<Judgement> each : fresh) {
      if (each.event() instanceof Judgement.Allows allows) {
        Verdict.Allowed verdict = allows.verdict();
        permissions.add(
            new Grants.Permission(
                verdict.actionId(),
                verdict.action(),
                verdict.actionDigest(),
                filed(filed, verdict.actionId()).at(),
                List.of(),
                List.of(),
                verdict.toolDigest(),
                GrantLife.of(verdict.grantLife())));
      }
    }
    return grants
        .sign(permissions)
        .chain(signed -> {
          Map<ActionId, String> byId = new HashMap<>();
          for (int i = 0; i < signed.size(); i++) {
            byId.put(permissions.get(i).actionId(), signed.get(i));
          }
          List<Outgoing> events = new ArrayList<>(fresh.size());
          boolean soon = false;
          for (Received<Judgement> each : fresh) {
            Tickets.Filed row = filed(filed, each.event().actionId());
            soon |= isSoon(row);
            events.add(
                switch (each.event()) {
                  case Judgement.Opens opens -> {
                    events.addAll(alarms(opens, row, shared, each.traceparent()));
                    yield answers.opened(opens, row, shared.prompted(opens), each.traceparent());
                  }
                  case Judgement.Allows allows ->
                      FirstAnswers.approved(
                          allows, row, byId.get(allows.actionId()), each.traceparent());
                  case Judgement.SaysNo no -> FirstAnswers.no(no, row, each.traceparent());
                });
          }
          Uni<Void> appended = outbox.append(session, events);
          return soon ? appended.chain(() -> tickets.wakeExpiry(session)) : appended;
        });
  }

  private static Stream<Received<Judgement>> fresh(
      List<Received<Judgement>> once, Map<ActionId, Tickets.Filed> filed) {
    return once.stream().filter(each -> filed.containsKey(each.event().actionId()));
  }

  private boolean isSoon(Tickets.Filed row) {
    return row.expiresAt() != null && expiry.isSoon(row.at(), row.expiresAt());
  }

  private static List<Outgoing> alarms(
      Judgement.Opens opens,
      Tickets.Filed row,
      ShareAttention.Shared shared,
      @Nullable String traceparent) {
    return shared.alarms(opens.actionId(), opens.action().agent(), row.at()).stream()
        .map(alarm -> new Outgoing(alarm, traceparent))
        .toList();
  }

  private static Tickets.Filed filed(Map<ActionId, Tickets.Filed> filed, ActionId id) {
    return Objects.requireNonNull(filed.get(id), "only what is new is published");
  }
}
