package dev.countersign.events;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How long a grant can be used, from the decision on: what the policy says, within bounds.
public final class GrantLife {

  /// Where the policy says nothing.
  public static final Duration USUAL = Duration.ofMinutes(2);

  /// Whoever waits for the answer, 45 seconds at a time, still gets to use it.
  public static final Duration SHORTEST = Duration.ofMinutes(1);

  /// What leaks is of no use soon after, and a key that is replaced outlives its grants.
  public static final Duration LONGEST = Duration.ofMinutes(10);

  /// What whoever says another is told.
  public static final String OUT_OF_BOUNDS =
      "a grant lives at least " + SHORTEST + " and at most " + LONGEST;

  private GrantLife() {}

  /// The life of a grant of which the policy says this.
  public static Duration of(@Nullable Duration said) {
    return said == null ? USUAL : said;
  }

  /// Whether a grant may live for so long.
  public static boolean isWithinBounds(Duration said) {
    return said.compareTo(SHORTEST) >= 0 && said.compareTo(LONGEST) <= 0;
  }

  /// The same. Throws `IllegalArgumentException` with a sentence where it is out of bounds.
  public static @Nullable Duration checked(@Nullable Duration said) {
    if (said != null && !isWithinBounds(said)) {
      throw new IllegalArgumentException(OUT_OF_BOUNDS);
    }
    return said;
  }

  /// Whichever is shorter, where both are said.
  public static @Nullable Duration shorter(@Nullable Duration a, @Nullable Duration b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.compareTo(b) <= 0 ? a : b;
  }
}
