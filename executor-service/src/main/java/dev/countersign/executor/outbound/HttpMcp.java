package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Execution.Status;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.HeadersTemplate;
import dev.countersign.executor.domain.HttpCall;
import dev.countersign.executor.domain.HttpConnector;
import dev.countersign.executor.domain.McpConnector;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.messaging.Trace;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Opens sessions with MCP servers over Streamable HTTP: `initialize` and
/// `notifications/initialized`, and DELETE in the end.
@ApplicationScoped
class HttpMcp {

  private static final Duration TO_SAY_GOODBYE = Duration.ofSeconds(5);
  private static final int LARGEST_IGNORED = 64 * 1024;

  private final AuthorizedHttp http;

  @Inject
  HttpMcp(AuthorizedHttp http) {
    this.http = http;
  }

  /// Opens a session of its own for one action, or for a look at what the server has.
  ///
  /// @param parameters the action's, for URL and headers
  Future<McpSession.Opened> open(
      McpConnector connector, JsonNode parameters, @Nullable String traceparent, Duration timeout) {
    Session session = new Session(connector, parameters, Trace.orNew(traceparent));
    return session
        .open(System.nanoTime() + timeout.toNanos())
        .onSuccess(opened -> {
          if (opened instanceof McpSession.Opened.No) {
            session.close();
          }
        });
  }

  private final class Session implements McpSession {

    private final McpConnector connector;
    private final JsonNode parameters;
    private final String traceparent;
    private int last;
    private @Nullable String id;
    private @Nullable String version;

    Session(McpConnector connector, JsonNode parameters, String traceparent) {
      this.connector = connector;
      this.parameters = parameters;
      this.traceparent = traceparent;
    }

    /// @param end on the monotonic clock, in nanoseconds
    Future<Opened> open(long end) {
      return send("initialize", McpMessages.initialize(), left(end))
          .compose(reply -> {
            if (!(reply.exchanged() instanceof Exchanged.Answered answered)
                || !isSuccess(answered.code())) {
              return Future.succeededFuture(noSession(reply.exchanged()));
            }
            String session = answered.headers().get("mcp-session-id");
            if (session != null && !HeadersTemplate.isFieldValue(session)) {
              return Future.succeededFuture(noSession(answered));
            }
            id = session;
            Optional<String> spoken = McpMessages.version(reply.response());
            if (spoken.isEmpty()) {
              return Future.succeededFuture(new Opened.No(McpMessages.otherVersion()));
            }
            version = spoken.get();
            return ready(end);
          });
    }

    private Future<Opened> ready(long end) {
      return post(
              McpMessages.notification("notifications/initialized"),
              new KeptBody(LARGEST_IGNORED),
              null,
              left(end),
              LastLook.NONE)
          .map(exchanged ->
              exchanged instanceof Exchanged.Answered it && isSuccess(it.code())
                  ? new Opened.Yes(this)
                  : noSession(exchanged));
    }

    @Override
    public Future<Reply> send(
        String method,
        ObjectNode params,
        @Nullable String idempotencyKey,
        Duration timeout,
        LastLook look) {
      int number = ++last;
      McpAnswer answer = new McpAnswer(number);
      return post(
              McpMessages.request(number, method, params), answer, idempotencyKey, timeout, look)
          .map(exchanged -> new Reply(exchanged, answer.find()));
    }

    private Future<Exchanged> post(
        ObjectNode message,
        AnswerReader reader,
        @Nullable String idempotencyKey,
        Duration timeout,
        LastLook look) {
      return timeout.toMillis() < 1
          ? Future.succeededFuture(
              new Exchanged.Not(
                  Outcome.failed("timeout", "Time was up before the tool could be called.")))
          : http.exchange(
              () -> {
                HttpCall call = own(connector.call(parameters, message));
                return idempotencyKey == null ? call : call.with("idempotency-key", idempotencyKey);
              },
              connector.reach(),
              timeout,
              reader,
              look);
    }

    private HttpCall own(HttpCall call) {
      HttpCall with =
          call.with("accept", "application/json, text/event-stream")
              .with("traceparent", traceparent);
      if (version != null) {
        with = with.with("mcp-protocol-version", version);
      }
      return id == null ? with : with.with("mcp-session-id", id);
    }

    @Override
    public void close() {
      if (id == null) {
        return;
      }
      // A session that is left is the server's to end; its answer changes nothing for the outcome.
      var _ =
          http.exchange(
              () -> own(connector.call(parameters, null)),
              connector.reach(),
              TO_SAY_GOODBYE,
              new KeptBody(LARGEST_IGNORED));
    }
  }

  private static Duration left(long end) {
    return Duration.ofNanos(end - System.nanoTime());
  }

  private static boolean isSuccess(int code) {
    return HttpConnector.usual(code) == Status.SUCCEEDED;
  }

  private static McpSession.Opened noSession(Exchanged exchanged) {
    return new McpSession.Opened.No(
        switch (exchanged) {
          case Exchanged.Not it -> it.why();
          case Exchanged.Broken _ -> McpMessages.noSession("it did not answer, or broke off");
          case Exchanged.Answered it -> McpMessages.noSession("it answered " + it.code());
        });
  }
}
