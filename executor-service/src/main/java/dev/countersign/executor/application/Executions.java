package dev.countersign.executor.application;

import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Reason;
import dev.countersign.events.Tool;
import dev.countersign.executor.domain.Approvers;
import dev.countersign.executor.domain.Connectors;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.verifier.Grant;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// All executions there are and were. Each way into `done` publishes the `execution` in the same
/// transaction, and no row leaves `done`: so there is exactly one for each action.
///
/// ```
///            Tampered                     grant's end
///          ┌──────────► suspect ───────────────────────────────┐
///          │               │ Permitted                         ▼
///  ────────┤               ▼          claim          finish
///          ├──────────► ready ───────────────► started ──────► done
///          │ Permitted     │  ▲                  │   │          ▲
///          │               │  └──────────────────┘   └──────────┤
///          │               │   lease lapsed,          lease     │
///          │               │   idempotent             lapsed    │
///          │               └────────────────────────────────────┤
///          └────────────────────────────────────────────────────┘
///            Refused                          grant's end
/// ```
public interface Executions {

  /// A row to be.
  sealed interface Entry {

    /// To be run.
    ///
    /// @param approvers who was proven to have approved it
    /// @param token the grant as it came, where its connector hands it on; null elsewhere
    record Ready(
        Grant grant,
        ActionId actionId,
        Action action,
        Approvers approvers,
        @Nullable String token,
        @Nullable String traceparent)
        implements Entry {}

    /// To be answered at once, without any effect.
    record Refused(
        Grant grant, ActionId actionId, Action action, Reason reason, @Nullable String traceparent)
        implements Entry {}

    /// Only a changed copy of its decision was seen yet. If the true one does not come before the
    /// grant ends, the action is refused with this reason, so that even then it has an answer.
    record Suspect(Grant grant, String reason, @Nullable String traceparent) implements Entry {}
  }

  /// How many executions of a tool may be claimed now, or, where it stands for all of a toolset
  /// ({@link Connectors#ALL}), of those together that are not among these.
  record Room(Tool tool, int room, boolean idempotent, Set<String> but) {}

  /// How a row stands that an instance holds.
  ///
  /// @param over whether its grant has ended, by the database's clock: ours stands still while the
  ///   machine sleeps
  record Standing(int attempt, boolean over, boolean frozen) {}

  /// An outcome for what was begun.
  record Finish(Begun begun, Outcome outcome) {}

  /// Enters these in the session's transaction; what is known already stays as it is.
  Uni<Void> enter(Mutiny.StatelessSession session, List<Entry> entries);

  /// Makes it durable that this instance begins with these, oldest first for each tool. When this
  /// returns, the transaction is committed, and not before that may an effect be tried.
  Uni<List<Begun>> claim(String instance, List<Room> rooms, Duration lease);

  /// Writes the outcomes of what this instance still holds, and leaves out what it lost.
  Uni<Void> finish(String instance, List<Finish> finished);

  /// How those of these stand that this instance still holds.
  Uni<Map<ActionId, Standing>> look(String instance, Collection<ActionId> held);

  /// Extends the leases of those of these that this instance still holds, and returns them.
  Uni<Set<ActionId>> renew(String instance, Collection<ActionId> held, Duration lease);

  /// Ends what can't go on: grants that ended in the queue are refused, and what a dead instance
  /// had begun is `unknown`, or ready again where its connector is idempotent. None is dead for a
  /// lease that lapsed while the database was away.
  ///
  /// @param held what this instance has in hand, and answers for itself
  /// @param unread whether other systems may have said how their commands ended, and nobody has
  ///   read it: those go on waiting
  Uni<Void> sweep(String instance, Collection<ActionId> held, boolean unread);
}
