package dev.countersign.executor.outbound;

import dev.countersign.events.Digest;
import io.vertx.core.buffer.Buffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Of the body, its length and its digest; nothing is kept.
final class DigestedBody implements AnswerReader {

  private static final long LARGEST = 1024 * 1024;

  private final MessageDigest digest = sha256();
  private long length;

  @Override
  public boolean take(Buffer chunk) {
    length += chunk.length();
    digest.update(chunk.getBytes());
    return length <= LARGEST;
  }

  long length() {
    return length;
  }

  /// To be asked once, when the whole body was read.
  Digest digest() {
    return new Digest("sha256:" + HexFormat.of().formatHex(digest.digest()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
