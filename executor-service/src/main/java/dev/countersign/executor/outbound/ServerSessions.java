package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.executor.domain.McpConnector;
import dev.countersign.executor.domain.ServerConnector;
import dev.countersign.executor.domain.StdioConnector;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Finds a session with an MCP server, whichever way it is spoken to.
@ApplicationScoped
class ServerSessions {

  private final HttpMcp http;
  private final StdioMcp stdio;

  @Inject
  ServerSessions(HttpMcp http, StdioMcp stdio) {
    this.http = http;
    this.stdio = stdio;
  }

  /// Opens one that is for nobody else before or after.
  ///
  /// @param parameters the action's, of which a URL may be made
  Future<McpSession.Opened> open(
      ServerConnector connector,
      JsonNode parameters,
      @Nullable String traceparent,
      Duration timeout) {
    return find(connector, timeout, it -> http.open(it, parameters, traceparent, timeout));
  }

  /// One for this call alone that was opened ahead, else a new one.
  Future<McpSession.Opened> take(
      ServerConnector connector,
      JsonNode parameters,
      @Nullable String traceparent,
      Duration timeout) {
    return find(connector, timeout, it -> http.take(it, parameters, traceparent, timeout));
  }

  /// A new one, in place of one that was opened ahead and is over.
  Future<McpSession.Opened> renew(
      ServerConnector connector,
      JsonNode parameters,
      @Nullable String traceparent,
      Duration timeout) {
    return find(connector, timeout, it -> http.renew(it, parameters, traceparent, timeout));
  }

  /// A program has one session, whichever way it is asked for.
  private Future<McpSession.Opened> find(
      ServerConnector connector,
      Duration timeout,
      Function<McpConnector, Future<McpSession.Opened>> overHttp) {
    return switch (connector) {
      case McpConnector it -> overHttp.apply(it);
      case StdioConnector it -> stdio.open(it, timeout);
    };
  }
}
