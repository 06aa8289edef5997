package dev.countersign.verifier;

import dev.countersign.tlog.Ed25519;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;

/// An Ed25519 public key, verified with by [Signatures].
record Ed25519Key(PublicKey key) implements GrantReader.Key {

  /// Throws `IllegalArgumentException` where these are no public key.
  static Ed25519Key of(byte[] raw) {
    return new Ed25519Key(Ed25519.publicKey(raw));
  }

  @Override
  public boolean verifies(byte[] message, byte[] signature) {
    try {
      Signature ed25519 = Signatures.of(Signatures.ED25519);
      ed25519.initVerify(key);
      ed25519.update(message);
      return ed25519.verify(signature);
    } catch (GeneralSecurityException e) {
      // A signature that is none is as bad as a wrong one.
      return false;
    }
  }
}
