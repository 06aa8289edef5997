package dev.countersign.executor.outbound;

import io.vertx.core.buffer.Buffer;

/// A small body, kept.
final class KeptBody implements AnswerReader {

  private final int largest;
  private final Buffer kept = Buffer.buffer();

  KeptBody(int largest) {
    this.largest = largest;
  }

  @Override
  public boolean take(Buffer chunk) {
    if (kept.length() + chunk.length() > largest) {
      return false;
    }
    kept.appendBuffer(chunk);
    return true;
  }

  byte[] bytes() {
    return kept.getBytes();
  }
}
