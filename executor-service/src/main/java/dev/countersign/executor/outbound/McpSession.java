package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.Outcome;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An open session with an MCP server, whichever way it is spoken to.
interface McpSession {

  /// What came of opening one.
  sealed interface Opened {
    record Yes(McpSession session) implements Opened {}

    /// No tool was called.
    record No(Outcome why) implements Opened {}
  }

  /// What came of a request.
  ///
  /// @param response empty where none came, or none that can be read
  record Reply(Exchanged exchanged, Optional<McpAnswer.Response> response) {}

  /// Sends a request and awaits its response.
  ///
  /// @param idempotencyKey of an effect; null for what has none
  /// @param look asked when nothing but the request's bytes is left to be sent
  Future<Reply> send(
      String method,
      ObjectNode params,
      @Nullable String idempotencyKey,
      Duration timeout,
      LastLook look);

  /// Sends a request that has no effect.
  default Future<Reply> send(String method, ObjectNode params, Duration timeout) {
    return send(method, params, null, timeout, LastLook.NONE);
  }

  /// Whether it turned out to be no session any more, so that what was last asked in it was
  /// certainly not taken up. Then the same may be asked once more, in a new one.
  default boolean isOver() {
    return false;
  }

  /// Lets go of it. Whoever opened it does, once, whatever came of it.
  void close();
}
