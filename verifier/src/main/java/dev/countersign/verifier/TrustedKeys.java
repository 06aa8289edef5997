package dev.countersign.verifier;

import dev.countersign.tlog.VerifierKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  /// The keys of these files, those that are named: a JWKS, a verifier key, verifier keys one a
  /// line.
  public static TrustedKeys read(
      @Nullable Path tickets, @Nullable Path log, @Nullable Path witnesses) throws IOException {
    return new TrustedKeys(
        tickets == null ? null : KeySet.read(Files.readAllBytes(tickets)),
        log == null ? null : VerifierKey.read(Files.readString(log)),
        witnesses == null ? List.of() : witnesses(witnesses));
  }

  /// Whoever names a file wants cosignatures: one without a key asks for none.
  private static List<VerifierKey> witnesses(Path file) throws IOException {
    List<VerifierKey> keys =
        Files.readAllLines(file).stream()
            .filter(line -> !line.isBlank())
            .map(VerifierKey::read)
            .toList();
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("no witness's key is in " + file);
    }
    return keys;
  }
}
