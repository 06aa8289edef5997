package dev.countersign.executor.outbound;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;

/// Takes an answer's body as it comes.
interface AnswerReader {

  /// Called once, before the body.
  default void begin(MultiMap headers) {}

  /// Whether more is wanted; where not, the connection is closed.
  boolean take(Buffer chunk);
}
