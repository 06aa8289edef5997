package dev.countersign.tlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Instant;
import java.util.List;

/// Signs notes with an Ed25519 key, as a log or as a witness.
public final class NoteSigner {

  private final VerifierKey publicKey;
  private final PrivateKey privateKey;

  NoteSigner(VerifierKey publicKey, PrivateKey privateKey) {
    this.publicKey = publicKey;
    this.privateKey = privateKey;
  }

  /// What its signatures are verified with.
  public VerifierKey key() {
    return publicKey;
  }

  /// The text with this key's signature under it.
  ///
  /// @param now the time that a witness's signature holds, in whole seconds; a log's holds none
  public Note sign(String text, Instant now) {
    return new Note(text, List.of(signature(text, now)));
  }

  /// This key's signature under a text.
  public Note.Signature signature(String text, Instant now) {
    return signature(text, now.getEpochSecond());
  }

  Note.Signature signature(String text, long seconds) {
    return switch (publicKey.kind()) {
      case LOG -> {
        byte[] signature = signature(text.getBytes(UTF_8));
        yield new Note.Signature(
            publicKey.name(),
            ByteBuffer.allocate(4 + signature.length)
                .putInt(publicKey.id())
                .put(signature)
                .array());
      }
      case WITNESS -> {
        byte[] signature = signature(VerifierKey.timed(text, seconds));
        yield new Note.Signature(
            publicKey.name(),
            ByteBuffer.allocate(12 + signature.length)
                .putInt(publicKey.id())
                .putLong(seconds)
                .put(signature)
                .array());
      }
    };
  }

  private byte[] signature(byte[] message) {
    try {
      Signature ed25519 = Signature.getInstance("Ed25519");
      ed25519.initSign(privateKey);
      ed25519.update(message);
      return ed25519.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has Ed25519", e);
    }
  }
}
