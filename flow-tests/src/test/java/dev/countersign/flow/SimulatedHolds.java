package dev.countersign.flow;

import dev.countersign.events.Agent;
import dev.countersign.events.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The sessions that somebody holds, and from when to when each was held.
final class SimulatedHolds {

  /// @param until absent while it is in force
  record Held(String session, Instant from, @Nullable Instant until) {
    boolean covers(@Nullable String asking, Instant at) {
      return session.equals(asking) && !at.isBefore(from) && (until == null || at.isBefore(until));
    }
  }

  final List<Held> all = new ArrayList<>();
  private final SimulatedTickets tickets;

  SimulatedHolds(SimulatedTickets tickets) {
    this.tickets = tickets;
  }

  boolean holds(Agent agent) {
    return all.stream().anyMatch(held -> held.covers(agent.session(), tickets.system.now));
  }

  /// Whether this verdict comes to nothing, whatever it says.
  boolean refuses(Verdict verdict) {
    if (tickets.system.defect == Defect.HOLD_IS_NOT_SEEN_BY_VERDICTS) {
      return false;
    }
    return switch (verdict) {
      case Verdict.Allowed it -> holds(it.action().agent());
      case Verdict.ApprovalRequired it -> holds(it.action().agent());
      case Verdict.Denied _, Verdict.Refused _ -> false;
    };
  }

  void hold(Agent agent) {
    String session = agent.session();
    if (session != null && !holds(agent)) {
      all.add(new Held(session, tickets.system.now, null));
    }
  }

  /// Somebody lifts one.
  void liftAny() {
    for (int i = 0; i < all.size(); i++) {
      Held held = all.get(i);
      if (held.until() == null) {
        all.set(i, new Held(held.session(), held.from(), tickets.system.now));
        return;
      }
    }
  }
}
