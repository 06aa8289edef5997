package dev.countersign.gateway.domain;

import java.time.Duration;

/// How many requests a caller has left: a bucket of `burst` that fills by `perSecond`, kept as the
/// time at which it is full again (the generic cell rate algorithm). Not safe for threads.
public final class Pace {

  private static final long SECOND = 1_000_000_000L;
  private static final int FASTEST = 1_000_000;

  /// A limit.
  ///
  /// @param perSecond from 1 to 1,000,000
  /// @param burst how many may come at once, from 1
  public record Limit(int perSecond, int burst) {
    public Limit {
      if (perSecond < 1 || perSecond > FASTEST || burst < 1) {
        throw new IllegalArgumentException(
            "a rate is from 1 to " + FASTEST + " a second, and a burst at least 1");
      }
    }

    private long nanosEach() {
      return SECOND / perSecond;
    }

    /// Within which time an empty bucket is full again.
    public Duration window() {
      return Duration.ofNanos(nanosEach() * burst);
    }
  }

  /// What became of a request.
  ///
  /// @param granted whether it is within the limit
  /// @param left how many may follow at once
  /// @param untilFull when all may follow at once again
  /// @param retryAfter when it would be within the limit; zero where it is
  public record Taken(boolean granted, int left, Duration untilFull, Duration retryAfter) {}

  private final Limit limit;
  private long fullAt;

  /// A full one.
  ///
  /// @param now as of a clock that only goes forward, in nanoseconds
  public Pace(Limit limit, long now) {
    this.limit = limit;
    this.fullAt = now;
  }

  /// Takes `count` out of it, or nothing where there are not so many. More than `burst` at once are
  /// never there.
  public Taken take(int count, long now) {
    long full = Math.max(fullAt - now, 0);
    long after = full + limit.nanosEach() * count;
    long most = limit.nanosEach() * limit.burst();
    boolean granted = after <= most;
    if (granted) {
      full = after;
    }
    fullAt = now + full;
    return new Taken(
        granted,
        (int) ((most - full) / limit.nanosEach()),
        Duration.ofNanos(full),
        granted ? Duration.ZERO : Duration.ofNanos(after - most));
  }
}
