package dev.countersign.events;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The proposer takes its question back. `by` is who says so, as the publisher names them. Of both
/// the first 1,000 characters are read: they go into the answer, and no length of theirs is to keep
/// the proposer from taking it back.
public record ActionCancelled(
    ActionId actionId, @Nullable Instant at, @Nullable String by, @Nullable String reason)
    implements Event {

  private static final int LONGEST = 1_000;

  public ActionCancelled {
    by = beginning(by);
    reason = beginning(reason);
  }

  private static @Nullable String beginning(@Nullable String text) {
    return text == null || text.codePointCount(0, text.length()) <= LONGEST
        ? text
        : text.substring(0, text.offsetByCodePoints(0, LONGEST));
  }
}
