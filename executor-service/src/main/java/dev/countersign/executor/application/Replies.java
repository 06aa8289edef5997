package dev.countersign.executor.application;

import dev.countersign.events.ActionId;
import dev.countersign.executor.domain.Outcome;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// Executions whose command was handed to another system: they end by what it says.
public interface Replies {

  /// The command is with its system. For this long the execution is left waiting, whether this
  /// process lives on or not.
  Uni<Void> handedOver(Begun begun, Duration within);

  /// Ends what is under way with what was said about it, in the session's transaction, and keeps
  /// what was said too late. Returns which of these, by their place, are about what was never given
  /// to the system that said them.
  Uni<Set<Integer>> take(Mutiny.StatelessSession session, List<Reply> replies);

  /// How those of these ended that have, by whatever was written first.
  Uni<Map<ActionId, Outcome>> find(Collection<ActionId> actionIds);
}
