package dev.countersign.tlog;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/// Ed25519 (RFC 8032 §5.1) by the JDK's own implementation.
public final class Ed25519 {

  /// A public key's length in bytes.
  public static final int KEY_BYTES = 32;

  /// What stands before the 32 bytes in a SubjectPublicKeyInfo (RFC 8410 §4).
  private static final byte[] SPKI = HexFormat.of().parseHex("302a300506032b6570032100");

  private Ed25519() {}

  /// Throws `IllegalArgumentException` where these are no public key.
  public static PublicKey publicKey(byte[] raw) {
    if (raw.length != KEY_BYTES) {
      throw new IllegalArgumentException("an Ed25519 key has 32 bytes");
    }
    ByteArrayOutputStream spki = new ByteArrayOutputStream();
    spki.writeBytes(SPKI);
    spki.writeBytes(raw);
    try {
      return KeyFactory.getInstance("Ed25519")
          .generatePublic(new X509EncodedKeySpec(spki.toByteArray()));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("no Ed25519 key: " + e.getMessage(), e);
    }
  }

  /// Whether this key signed the message.
  public static boolean verifies(PublicKey key, byte[] message, byte[] signature) {
    try {
      Signature ed25519 = Signature.getInstance("Ed25519");
      ed25519.initVerify(key);
      ed25519.update(message);
      return ed25519.verify(signature);
    } catch (GeneralSecurityException e) {
      // A signature that is none is as bad as a wrong one.
      return false;
    }
  }
}
