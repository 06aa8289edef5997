package dev.countersign.executor.outbound;

import dev.countersign.events.Digest;
import dev.countersign.executor.domain.Response;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Of the body, its length and its digest; its bytes only where the agent may have them.
final class DigestedBody implements AnswerReader {

  private static final long LARGEST = 1024 * 1024;

  private final MessageDigest digest = sha256();
  private final @Nullable Duration keep;
  private final Buffer kept = Buffer.buffer();
  private String type = "";
  private long length;

  /// @param keep how long it is kept for the agent; null where it is not
  DigestedBody(@Nullable Duration keep) {
    this.keep = keep;
  }

  @Override
  public void begin(MultiMap headers) {
    type = Response.type(headers.get("content-type"));
  }

  @Override
  public boolean take(Buffer chunk) {
    length += chunk.length();
    digest.update(chunk.getBytes());
    if (keep != null && length <= Response.LARGEST) {
      kept.appendBuffer(chunk);
    }
    return length <= LARGEST;
  }

  long length() {
    return length;
  }

  /// What the agent may have of it, when it was read; null where that is nothing.
  @Nullable Response response() {
    if (keep == null) {
      return null;
    }
    return new Response(type, isTooLarge() ? null : kept.getBytes(), keep);
  }

  /// Whether it is meant for the agent, and more than is kept.
  boolean isTooLarge() {
    return keep != null && length > Response.LARGEST;
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
