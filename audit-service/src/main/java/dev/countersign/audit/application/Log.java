package dev.countersign.audit.application;

import dev.countersign.audit.domain.Entry;
import dev.countersign.audit.domain.Replay;
import dev.countersign.events.ActionId;
import dev.countersign.verifier.Evidence;
import dev.countersign.verifier.Head;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;

/// The log as the use cases see it.
public interface Log {

  /// Appends in this order those that are not in it yet, all or none, and returns where the log
  /// ends then.
  Uni<Head> append(List<Entry> entries);

  /// Where the log ends.
  Uni<Head> head();

  /// All entries of an action; empty where there is none.
  Uni<Optional<Evidence>> findEvidence(ActionId actionId);

  /// At most `limit` entries from an index on.
  Uni<Replay> replay(long from, int limit);
}
