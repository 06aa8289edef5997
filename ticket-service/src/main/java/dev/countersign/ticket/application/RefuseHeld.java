package dev.countersign.ticket.application;

import dev.countersign.events.Action;
import dev.countersign.events.Decision;
import dev.countersign.events.Reason;
import dev.countersign.messaging.Received;
import dev.countersign.ticket.domain.AgentSession;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// Answers what comes from a held session at once, whatever the policy says of it: refused.
@ApplicationScoped
class RefuseHeld {

  /// The reason code of that answer.
  static final String SESSION_HELD = "session-held";

  private final Holds holds;

  @Inject
  RefuseHeld(Holds holds) {
    this.holds = holds;
  }

  /// The same judgements, but a no to those of held sessions. Until the transaction ends no hold
  /// comes in between.
  Uni<List<Received<Judgement>>> among(
      Mutiny.StatelessSession session, List<Received<Judgement>> judgements) {
    Set<AgentSession> sessions = new HashSet<>();
    for (Received<Judgement> each : judgements) {
      Action action = each.event().action();
      if (action != null && !(each.event() instanceof Judgement.SaysNo)) {
        sessions.add(AgentSession.of(action.agent()));
      }
    }
    if (sessions.isEmpty()) {
      return Uni.createFrom().item(judgements);
    }
    return holds
        .share(session, sessions)
        // A statement of its own: it sees what was committed while the locks were waited for.
        .chain(() -> holds.inForce(session, sessions))
        .map(held -> held.isEmpty() ? judgements : refusing(judgements, held));
  }

  private static List<Received<Judgement>> refusing(
      List<Received<Judgement>> judgements, Map<AgentSession, Hold> held) {
    List<Received<Judgement>> refusing = new ArrayList<>();
    for (Received<Judgement> each : judgements) {
      Action action = each.event().action();
      Hold hold = action == null ? null : held.get(AgentSession.of(action.agent()));
      refusing.add(
          hold == null || each.event() instanceof Judgement.SaysNo
              ? each
              : new Received<>(no(each.event(), hold), each.traceparent(), each.raw()));
    }
    return refusing;
  }

  private static Judgement no(Judgement judgement, Hold hold) {
    return new Judgement.SaysNo(
        judgement.actionId(),
        judgement.actionDigest(),
        judgement.action(),
        Decision.Outcome.REFUSED,
        new Reason(
            SESSION_HELD,
            hold.by()
                + " did not expect what this session asked for and holds everything further from"
                + " it. Ask "
                + hold.by()
                + " or another approver to lift it; then propose this anew, under a new id."),
        judgement.batch());
  }
}
