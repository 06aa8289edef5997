package dev.countersign.policy.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// Which actions have been answered.
public interface Verdicts {

  /// One answer to keep; `outcome` is the verdict's word.
  record Answer(ActionId actionId, Digest identity, String outcome) {}

  /// Keeps these, one an action, where the action has none yet. Returns whose were kept.
  Uni<Set<ActionId>> keepNew(Mutiny.StatelessSession session, List<Answer> answers);

  /// The identities of those that have been answered before.
  Uni<Map<ActionId, Digest>> identities(Mutiny.StatelessSession session, Set<ActionId> ids);
}
