package dev.countersign.verifier;

import dev.countersign.tlog.VerifierKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The public keys that whoever verifies has from elsewhere than from what is verified.
///
/// @param tickets the ticket service's, which sign attestations; absent where there are none at
///   hand
/// @param log the log's, which signs checkpoints; absent where it is not at hand
/// @param witnesses those that must have cosigned; where there are none, no cosignature is asked
///   for
public record TrustedKeys(
    @Nullable KeySet tickets, @Nullable VerifierKey log, List<VerifierKey> witnesses) {

  /// Throws `IllegalArgumentException` with a sentence where a key is of the wrong kind.
  public TrustedKeys {
    if (log != null && log.kind() != VerifierKey.Kind.LOG) {
      throw new IllegalArgumentException("the key of " + log.name() + " is no log's");
    }
    for (VerifierKey each : witnesses) {
      if (each.kind() != VerifierKey.Kind.WITNESS) {
        throw new IllegalArgumentException("the key of " + each.name() + " is no witness's");
      }
    }
    witnesses = List.copyOf(witnesses);
  }
}
