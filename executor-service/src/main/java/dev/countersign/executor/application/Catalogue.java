package dev.countersign.executor.application;

import dev.countersign.events.Digest;
import dev.countersign.events.Tool;
import dev.countersign.executor.domain.Outcome;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/// What the operator's catalogue says of each tool now.
@FunctionalInterface
public interface Catalogue {

  /// How it stands with a tool.
  sealed interface Standing {}

  /// It is what it was when the action was judged.
  ///
  /// @param pin what its MCP server must still say that it is; null where it is not pinned
  record AsJudged(@Nullable Digest pin) implements Standing {}

  /// Nothing may run: it is not any more what it was, or nobody can say whether it is.
  record Objection(Outcome why) implements Standing {}

  /// Whether the tool is still what it was when the action was judged. Never a failure.
  Uni<Standing> standing(Tool tool, Digest judgedAs);
}
