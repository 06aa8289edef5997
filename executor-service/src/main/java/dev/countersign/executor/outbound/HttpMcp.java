package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.executor.application.OpenConnectors;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Opens sessions with MCP servers over Streamable HTTP. Where every call would open the same one,
/// the next call's is opened as soon as one is over, and that call need not wait for it. Each call
/// has its own: what another did in a session it must not find there.
@ApplicationScoped
class HttpMcp {

  private static final Logger LOG = Logger.getLogger(HttpMcp.class);
  // Where none is said the runner stops at 2500; what it had under way is over by then.
  private static final int AFTER_THE_RUNNER = 3000;
  private static final Duration TO_END_THEM = Duration.ofSeconds(2);
  private static final Duration TO_OPEN_AHEAD = Duration.ofSeconds(10);
  private static final JsonNode NO_PARAMETERS = JsonNodeFactory.instance.objectNode();

  private final AuthorizedHttp http;
  private final ReadySessions ready;
  private final OpenConnectors connectors;

  @Inject
  HttpMcp(
      AuthorizedHttp http,
      @ConfigProperty(name = "countersign.executor.ready-session") Duration longest,
      OpenConnectors connectors) {
    this(http, new ReadySessions(longest, System::nanoTime), connectors);
  }

  HttpMcp(AuthorizedHttp http, ReadySessions ready, OpenConnectors connectors) {
    this.http = http;
    this.ready = ready;
    this.connectors = connectors;
  }

  /// Opens a session for a look or a call that has no other like it.
  ///
  /// @param parameters the action's, for URL and headers
  Future<McpSession.Opened> open(
      McpConnector connector, JsonNode parameters, @Nullable String traceparent, Duration timeout) {
    return open(connector, parameters, Trace.orNew(traceparent), end(timeout), HttpMcp::nothing);
  }

  /// Takes a session that was opened ahead, or opens one.
  Future<McpSession.Opened> take(
      McpConnector connector, JsonNode parameters, @Nullable String traceparent, Duration timeout) {
    if (!connector.isTheSameForAll()) {
      return open(connector, parameters, traceparent, timeout);
    }
    if (ready.count(connector.named("")) == 0) {
      return renew(connector, parameters, traceparent, timeout);
    }
    long end = end(timeout);
    String trace = Trace.orNew(traceparent);
    return http.identify(connector.reach())
        .compose(identity ->
            ready
                .take(connector.named(""), identity)
                .map(it ->
                    found(
                        new HttpSession(http, it, connector, parameters, trace, ahead(connector))))
                .orElseGet(() -> open(connector, parameters, trace, end, ahead(connector))))
        .recover(failure ->
            failure instanceof Unsent it
                ? Future.succeededFuture(new McpSession.Opened.No(it.outcome()))
                : Future.failedFuture(failure));
  }

  /// Opens a session where none is ready, or the one that was turned out to be none any more.
  Future<McpSession.Opened> renew(
      McpConnector connector, JsonNode parameters, @Nullable String traceparent, Duration timeout) {
    return open(connector, parameters, Trace.orNew(traceparent), end(timeout), ahead(connector));
  }

  private Future<McpSession.Opened> open(
      McpConnector connector, JsonNode parameters, String trace, long end, Runnable afterwards) {
    return new HttpSession(http, connector, parameters, trace, afterwards).open(end);
  }

  private Runnable ahead(McpConnector connector) {
    McpConnector server = connector.named("");
    return () -> {
      // Whom the operator has taken out since is shown no credential any more.
      if (connectors.current().mcp().contains(server) && ready.reserve(server)) {
        openAhead(server);
      }
    };
  }

  /// If it can't be opened, the next call finds out why, and says so.
  private void openAhead(McpConnector server) {
    HttpSession session =
        new HttpSession(http, server, NO_PARAMETERS, Trace.orNew(null), HttpMcp::nothing);
    session
        .open(end(TO_OPEN_AHEAD))
        .onFailure(_ -> ready.giveUp(server))
        .onSuccess(opened -> {
          if (opened instanceof McpSession.Opened.No) {
            ready.giveUp(server);
            return;
          }
          Optional<ReadySessions.Open> open = session.ready();
          if (open.isEmpty()) {
            ready.giveUp(server);
          }
          if (open.filter(ready::put).isEmpty()) {
            session.close();
          }
        });
  }

  private static void nothing() {}

  private static Future<McpSession.Opened> found(McpSession session) {
    return Future.succeededFuture(new McpSession.Opened.Yes(session));
  }

  private static long end(Duration timeout) {
    return System.nanoTime() + timeout.toNanos();
  }

  /// Ends those that are overdue, and those of servers that `connectors.yaml` does not name as they
  /// were when they were opened.
  void keepOnly(Set<McpConnector> named) {
    var _ = end(ready.removeAllBut(named));
  }

  /// Ends all of them; from now on none is opened ahead.
  Future<?> close() {
    return end(ready.close());
  }

  private Future<?> end(List<ReadySessions.Open> sessions) {
    return Future.join(
        sessions.stream()
            .map(each ->
                new HttpSession(
                        http,
                        each,
                        each.server(),
                        NO_PARAMETERS,
                        Trace.orNew(null),
                        HttpMcp::nothing)
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
