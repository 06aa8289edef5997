package dev.countersign.executor.application;

import dev.countersign.events.Digest;
import dev.countersign.events.Tool;
import dev.countersign.executor.domain.Outcome;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/// What the operator's catalogue says of each tool now.
@FunctionalInterface
public interface Catalogue {

  /// Why nothing may run: the tool is not any more what it was when the action was judged, or
  /// nobody can say whether it is. Empty where it still is. Never a failure.
  Uni<Optional<Outcome>> objection(Tool tool, Digest judgedAs);
}
