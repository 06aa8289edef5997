package dev.countersign.executor.outbound;

import io.vertx.core.buffer.Buffer;

/// A body that nobody reads. A short one is let by: its connection can then be used again.
final class IgnoredBody implements AnswerReader {

  private final int largest;
  private int length;

  IgnoredBody(int largest) {
    this.largest = largest;
  }

  @Override
  public boolean take(Buffer chunk) {
    length += chunk.length();
    return length <= largest;
  }
}
