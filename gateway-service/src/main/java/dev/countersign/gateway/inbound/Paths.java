package dev.countersign.gateway.inbound;

import dev.countersign.events.ActionId;
import org.jspecify.annotations.Nullable;

/// What stands in paths.
final class Paths {

  private Paths() {}

  static ActionId actionId(@Nullable String text) {
    try {
      return ActionId.of(text == null ? "" : text);
    } catch (IllegalArgumentException e) {
      throw new Problem.Thrown(
          Problem.of(400, "action-id", "Not an actionId", e.getMessage() + "; check the path."));
    }
  }
}
