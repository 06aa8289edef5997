package dev.countersign.executor.outbound;

import dev.countersign.executor.domain.Outcome;

/// Nothing was sent, and this is what came of it instead.
final class Unsent extends Exception {

  private static final long serialVersionUID = 1L;
  private final transient Outcome outcome;

  Unsent(Outcome outcome) {
    super(null, null, false, false);
    this.outcome = outcome;
  }

  Outcome outcome() {
    return outcome;
  }
}
