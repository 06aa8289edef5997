package dev.countersign.executor.domain;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How long somebody has seen the database without a gap, by its own clock. While it is away nobody
/// can extend a lease, and those that lapsed say nothing about whoever held them. So only who has
/// seen it for a whole lease takes others for dead: they could have extended theirs as often.
public final class Vigil {

  private final Duration lease;
  private final Duration gap;
  private @Nullable Instant since;
  private @Nullable Instant last;

  /// @param gap for how long it may not be seen, and nobody misses more than one chance to extend
  ///   their lease
  public Vigil(Duration lease, Duration gap) {
    this.lease = lease;
    this.gap = gap;
  }

  /// It is seen at this moment. Whether that has been so for a whole lease.
  public synchronized boolean lasts(Instant now) {
    if (since == null
        || last == null
        || now.isBefore(since)
        || Duration.between(last, now).compareTo(gap) > 0) {
      since = now;
    }
    last = now;
    return Duration.between(since, now).compareTo(lease) >= 0;
  }

  /// The same, and where it has been it begins anew.
  public synchronized boolean lastsOnceMore(Instant now) {
    boolean lasts = lasts(now);
    if (lasts) {
      since = now;
    }
    return lasts;
  }
}
