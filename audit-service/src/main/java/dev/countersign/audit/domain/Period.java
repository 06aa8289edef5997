package dev.countersign.audit.domain;

import java.time.Instant;

/// A stretch of time, by the clock that entries are appended by.
///
/// @param from the first moment that belongs to it
/// @param to the first that does not any more
public record Period(Instant from, Instant to) {

  public Period {
    if (!from.isBefore(to)) {
      throw new IllegalArgumentException("a period begins before it ends");
    }
  }
}
