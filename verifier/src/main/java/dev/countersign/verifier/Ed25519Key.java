package dev.countersign.verifier;

import dev.countersign.tlog.Ed25519;
import java.security.PublicKey;

/// An Ed25519 public key, verified with by [Signatures].
record Ed25519Key(PublicKey key) implements GrantReader.Key {

  /// Throws `IllegalArgumentException` where these are no public key.
  static Ed25519Key of(byte[] raw) {
    return new Ed25519Key(Ed25519.publicKey(raw));
  }

  @Override
  public boolean verifies(byte[] message, byte[] signature) {
    return Signatures.verifies(Signatures.ED25519, key, signature, message);
  }
}
