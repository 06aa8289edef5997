package dev.countersign.audit.application;

import dev.countersign.audit.domain.Entry;
import dev.countersign.tlog.Note;
import io.smallrye.mutiny.Uni;
import java.util.List;

/// The log as those see it who append to it.
public interface Log {

  /// Appends in this order those that are not in it yet, all or none, signs what the tree is then,
  /// and returns its size.
  Uni<Long> append(List<Entry> entries);

  /// Appends leaves that the log had before its database was put back, in this order and under the
  /// checkpoint that was signed for them then. Fails where the log has another size than `from`.
  Uni<Void> recover(long from, List<Entry> entries, Note checkpoint);

  /// How many entries it has.
  Uni<Long> size();
}
