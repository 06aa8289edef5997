package dev.countersign.notifier.domain;

import java.time.Duration;

/// When to try again: 1 s, 2 s, 4 s … up to 5 minutes, each half fixed and half random, so that a
/// mail server which comes back is not met by everybody at once.
public final class Backoff {

  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final int DOUBLINGS = 20;

  private Backoff() {}

  /// How long to wait after attempt number `attempt` (from 1); `random` is from 0 to 1.
  public static Duration after(int attempt, double random) {
    long full = FIRST.toMillis() << Math.min(attempt - 1, DOUBLINGS);
    long capped = Math.min(full, LONGEST.toMillis());
    return Duration.ofMillis(capped / 2 + Math.round(capped / 2.0 * random));
  }
}
