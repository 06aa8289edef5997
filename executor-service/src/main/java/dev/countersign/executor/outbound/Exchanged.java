package dev.countersign.executor.outbound;

import dev.countersign.executor.domain.Outcome;
import io.vertx.core.MultiMap;

/// What came of a request.
sealed interface Exchanged {

  /// Nothing was sent.
  record Not(Outcome why) implements Exchanged {}

  /// It was handed to the connection, and no whole answer came: the target may have heard it.
  record Broken(Outcome why) implements Exchanged {}

  /// It was answered; the answer's reader has the body.
  ///
  /// @param whole whether the body was read to its end
  record Answered(int code, MultiMap headers, boolean whole) implements Exchanged {}
}
