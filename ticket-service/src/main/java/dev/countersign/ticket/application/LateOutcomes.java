package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.LateOutcome;
import dev.countersign.ticket.application.Executions.Misfit;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;

/// What was said of how actions ended after another answer stood already.
public interface LateOutcomes {

  /// Notes them, each status of an action once. Gives the actions of which one doesn't fit what is
  /// on file.
  Uni<Map<ActionId, Misfit>> record(Mutiny.StatelessSession session, Collection<LateOutcome> late);

  /// What was said of this action, in the order in which it came.
  Uni<List<LateOutcome>> of(Mutiny.StatelessSession session, ActionId id);
}
