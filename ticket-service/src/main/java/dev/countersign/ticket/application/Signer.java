package dev.countersign.ticket.application;

import dev.countersign.messaging.Unavailable;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/// Where the signing keys are. The embedded one is a PKCS #12 store; a KMS or Vault Transit is
/// another bean of this type and takes its place. Its answers come later and many at once, as such
/// services give them, and a private key never comes here.
public interface Signer {

  /// What a key signs. No key has two roles.
  enum Role {
    /// What people voted: ES256 (RFC 7518 §3.4) over P-256; signatures are in DER.
    ATTESTATION,
    /// What may run: Ed25519 (RFC 8032); signatures are the 64 bytes.
    GRANT;

    /// The word in the key set, `attestation`.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// One message and the key that is to sign it.
  ///
  /// @param kid as {@link #kid} gave it, often named in the message itself
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  record Order(String kid, byte[] message) {}

  /// The id of the key that signs for a role what happened at this time, by the database's clock.
  /// It may block for a moment. Throws {@link Unavailable} where there is no such key.
  String kid(Role role, Instant at);

  /// The signatures, in the same order; all or none. Fails with {@link Unavailable} where they
  /// can't be had now.
  Uni<List<byte[]>> sign(List<Order> orders);
}
