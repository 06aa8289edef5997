package dev.countersign.gateway.application;

import dev.countersign.gateway.domain.Caller;
import io.smallrye.mutiny.Uni;

/// Access tokens of the issuer that the operator trusts.
public interface Tokens {

  sealed interface Checked {
    record Good(Caller.Known agent) implements Checked {}

    /// @param sentence why, for whoever sent it
    record Bad(String sentence) implements Checked {}
  }

  /// Fails with [dev.countersign.messaging.Unavailable] where the issuer's keys can't be had.
  Uni<Checked> check(String token);
}
