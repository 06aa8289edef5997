package dev.countersign.executor.application;

import dev.countersign.events.Reason;
import dev.countersign.executor.domain.Outcome;
import java.time.Duration;
import java.util.Optional;

/// An execution that this instance has in hand, and until when it surely may begin. All times are
/// of this process's monotonic clock, counted from before the database was asked: whatever the
/// answer took is lost to us and never to others.
final class Held {

  private final Begun begun;
  private final long grantEnds;
  private volatile long oursUntil;

  /// @param asked when the database was asked
  /// @param surely how long from then on nobody else takes us for dead
  Held(Begun begun, long asked, Duration surely) {
    this.begun = begun;
    this.grantEnds = asked + begun.grantLeft().toNanos();
    this.oursUntil = asked + surely.toNanos();
  }

  Begun begun() {
    return begun;
  }

  /// The lease was extended. An earlier request's answer may come after a later one's.
  void renewed(long asked, Duration surely) {
    long until = asked + surely.toNanos();
    if (until - oursUntil > 0) {
      oursUntil = until;
    }
  }

  /// Why it may not begin any more; empty where it may.
  Optional<Outcome> over(long now) {
    if (now - grantEnds >= 0) {
      return Optional.of(expired());
    }
    return now - oursUntil >= 0 ? Optional.of(lost()) : Optional.empty();
  }

  static Outcome expired() {
    return Outcome.refused(
        new Reason(
            "grant-expired",
            "The grant ended before the action could begin. Nothing was run; propose it anew."));
  }

  /// Others may take it for abandoned any moment, or have.
  static Outcome lost() {
    return Outcome.failed(
        "lease-lost", "The executor lost its hold on it before it could begin; nothing was run.");
  }
}
