package dev.countersign.audit.application;

import dev.countersign.audit.domain.Period;
import dev.countersign.events.ActionId;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A period's entries, a page after the other.
public interface ReadPeriod {

  /// Where a period's entries stand in the log.
  ///
  /// @param last the index of the last of them
  record Range(long first, long last) {}

  /// Where they stand; empty where there are none.
  Uni<Optional<Range>> find(Period period);

  /// The next of them from an index on, in the log's order: some hundred, and fewer where they are
  /// large. None where there are no more up to the range's end.
  Uni<List<LoggedEntry>> page(Period period, Range range, long from);

  /// What was proposed first under each of these; absent where the log holds nothing that can be a
  /// proposal.
  Uni<Map<ActionId, byte[]>> proposals(Collection<ActionId> actions);
}
