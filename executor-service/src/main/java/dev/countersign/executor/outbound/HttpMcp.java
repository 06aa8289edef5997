package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.executor.domain.McpConnector;
import dev.countersign.messaging.Trace;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Future;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Opens sessions with MCP servers over Streamable HTTP, and keeps them for calls to come where
/// every call would have the same one.
@ApplicationScoped
class HttpMcp {

  private static final Logger LOG = Logger.getLogger(HttpMcp.class);
  // Where none is said the runner stops at 2500; what it had under way gives its sessions back.
  private static final int AFTER_THE_RUNNER = 3000;
  private static final Duration TO_END_THEM = Duration.ofSeconds(2);

  private final AuthorizedHttp http;
  private final KeptSessions kept;

  @Inject
  HttpMcp(
      AuthorizedHttp http,
      @ConfigProperty(name = "countersign.executor.keep-session") Duration idle) {
    this(http, idle, System::nanoTime);
  }

  /// @param idle how long a session waits for the next call at most; zero where none does
  HttpMcp(AuthorizedHttp http, Duration idle, LongSupplier nanoTime) {
    this.http = http;
    this.kept = new KeptSessions(idle, nanoTime);
  }

  /// Opens a session that is for nobody else, and is ended when it is let go.
  ///
  /// @param parameters the action's, for URL and headers
  Future<McpSession.Opened> open(
      McpConnector connector, JsonNode parameters, @Nullable String traceparent, Duration timeout) {
    return open(connector, parameters, Trace.orNew(traceparent), end(timeout), false);
  }

  /// Takes a session that is kept, or opens one, which may be kept in turn.
  Future<McpSession.Opened> take(
      McpConnector connector, JsonNode parameters, @Nullable String traceparent, Duration timeout) {
    if (!connector.isTheSameForAll()) {
      return open(connector, parameters, traceparent, timeout);
    }
    long end = end(timeout);
    String trace = Trace.orNew(traceparent);
    return http.identify(connector.reach())
        .compose(identity ->
            kept.take(connector.named(""), identity)
                .map(it -> found(new HttpSession(http, kept, it, connector, parameters, trace)))
                .orElseGet(() -> open(connector, parameters, trace, end, true)))
        .recover(failure ->
            failure instanceof Unsent it
                ? Future.succeededFuture(new McpSession.Opened.No(it.outcome()))
                : Future.failedFuture(failure));
  }

  /// Opens a session although others are kept; it may be kept too.
  Future<McpSession.Opened> renew(
      McpConnector connector, JsonNode parameters, @Nullable String traceparent, Duration timeout) {
    return open(
        connector, parameters, Trace.orNew(traceparent), end(timeout), connector.isTheSameForAll());
  }

  private Future<McpSession.Opened> open(
      McpConnector connector, JsonNode parameters, String trace, long end, boolean isToBeKept) {
    return new HttpSession(http, kept, connector, parameters, trace, isToBeKept).open(end);
  }

  private static Future<McpSession.Opened> found(McpSession session) {
    return Future.succeededFuture(new McpSession.Opened.Yes(session));
  }

  private static long end(Duration timeout) {
    return System.nanoTime() + timeout.toNanos();
  }

  /// Ends those that are overdue, and those of servers that `connectors.yaml` does not name as they
  /// were when they were opened.
  void keepOnly(Set<McpConnector> named) {
    var _ = end(kept.removeAllBut(named));
  }

  /// Ends all of them; from now on none is kept.
  Future<?> close() {
    return end(kept.close());
  }

  private Future<?> end(List<KeptSessions.Open> sessions) {
    return Future.join(
        sessions.stream()
            .map(each ->
                new HttpSession(
                        http,
                        kept,
                        each,
                        each.server(),
                        // Only what needs none of any action is kept.
                        JsonNodeFactory.instance.objectNode(),
                        Trace.orNew(null))
                    .end())
            .toList());
  }

  void onStop(@Observes @Priority(AFTER_THE_RUNNER) ShutdownEvent event)
      throws InterruptedException {
    try {
      close()
          .toCompletionStage()
          .toCompletableFuture()
          .get(TO_END_THEM.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // They are the servers' to end now.
      LOG.infof("Not all sessions with MCP servers could be ended cause=%s", e);
    }
  }
}
