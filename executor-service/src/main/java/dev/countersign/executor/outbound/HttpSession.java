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
import dev.countersign.executor.outbound.AuthorizedHttp.Identity;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A session over Streamable HTTP, as one call or one look has it (MCP 2025-11-25 §Transports,
/// §Session Management).
final class HttpSession implements McpSession {

  private static final Duration TO_SAY_GOODBYE = Duration.ofSeconds(5);
  private static final int LARGEST_IGNORED = 64 * 1024;
  private static final int NOT_FOUND = 404;

  private final AuthorizedHttp http;
  private final McpConnector connector;
  private final JsonNode parameters;
  private final String traceparent;
  private final boolean wasReady;
  private final Runnable afterwards;
  private boolean isWell;
  private boolean isOver;
  private boolean isOfTwo;
  private int last;
  private @Nullable Identity identity;
  private @Nullable String id;
  private @Nullable String version;

  /// One that is yet to be opened.
  ///
  /// @param parameters the action's, for URL and headers
  /// @param afterwards what to do when it is closed and nothing was wrong with it
  HttpSession(
      AuthorizedHttp http,
      McpConnector connector,
      JsonNode parameters,
      String traceparent,
      Runnable afterwards) {
    this(http, false, connector, parameters, traceparent, afterwards);
  }

  /// One that was opened ahead.
  HttpSession(
      AuthorizedHttp http,
      ReadySessions.Open open,
      McpConnector connector,
      JsonNode parameters,
      String traceparent,
      Runnable afterwards) {
    this(http, true, connector, parameters, traceparent, afterwards);
    this.isWell = true;
    this.last = open.last();
    this.identity = open.identity();
    this.id = open.id();
    this.version = open.version();
  }

  private HttpSession(
      AuthorizedHttp http,
      boolean wasReady,
      McpConnector connector,
      JsonNode parameters,
      String traceparent,
      Runnable afterwards) {
    this.http = http;
    this.wasReady = wasReady;
    this.connector = connector;
    this.parameters = parameters;
    this.traceparent = traceparent;
    this.afterwards = afterwards;
  }

  /// Says `initialize` and `notifications/initialized`.
  ///
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
        })
        .onSuccess(opened -> {
          if (opened instanceof Opened.No) {
            var _ = end();
          }
        });
  }

  private Future<Opened> ready(long end) {
    return post(
            McpMessages.notification("notifications/initialized"),
            new IgnoredBody(LARGEST_IGNORED),
            null,
            left(end),
            LastLook.NONE)
        .map(exchanged -> {
          isWell = exchanged instanceof Exchanged.Answered it && isSuccess(it.code());
          return isWell ? new Opened.Yes(this) : noSession(exchanged);
        });
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
    // As long as there is no whole answer.
    isWell = false;
    return post(McpMessages.request(number, method, params), answer, idempotencyKey, timeout, look)
        .map(exchanged -> {
          Reply reply = new Reply(exchanged, answer.find());
          judge(reply);
          return reply;
        });
  }

  private void judge(Reply reply) {
    if (!(reply.exchanged() instanceof Exchanged.Answered answered)) {
      return;
    }
    boolean hasResult =
        reply.response().filter(it -> it.json().path("result").isObject()).isPresent();
    isWell = isSuccess(answered.code()) && hasResult;
    // The server MUST answer so what comes in a session that it has ended, and then it has taken
    // nothing up. Of one that was just opened it would be something else that is not there, and
    // whoever answers the request by its number has taken it up.
    if (wasReady && id != null && answered.code() == NOT_FOUND && reply.response().isEmpty()) {
      isOver = true;
      id = null;
    }
  }

  @Override
  public boolean isOver() {
    return isOver;
  }

  private Future<Exchanged> post(
      ObjectNode message,
      AnswerReader reader,
      @Nullable String idempotencyKey,
      Duration timeout,
      LastLook look) {
    return timeout.toMillis() < 1
        ? Future.succeededFuture(new Exchanged.Not(McpMessages.timeIsUp()))
        : http.exchange(
            () -> {
              HttpCall call = own(connector.call(parameters, message));
              return idempotencyKey == null ? call : call.with("idempotency-key", idempotencyKey);
            },
            connector.reach(),
            timeout,
            reader,
            look,
            this::pass);
  }

  /// A credential may be replaced at any time, also since it was looked at for this session.
  private void pass(Identity now) throws Unsent {
    if (identity == null) {
      identity = now;
    }
    if (identity.equals(now)) {
      return;
    }
    if (wasReady) {
      isOver = true;
      throw new Unsent(
          Outcome.failed(
              "credential-replaced",
              "The connector's credential was replaced in this moment; no tool was called."));
    }
    // It was opened for this call, which goes on with it.
    isOfTwo = true;
  }

  /// With another credential it would be somebody else's session.
  private void mustBeTheSame(Identity now) throws Unsent {
    if (identity != null && !identity.equals(now)) {
      throw new Unsent(McpMessages.noSession("its credential was replaced"));
    }
  }

  private HttpCall own(HttpCall call) {
    HttpCall with =
        call.with("accept", "application/json, text/event-stream").with("traceparent", traceparent);
    if (version != null) {
      with = with.with("mcp-protocol-version", version);
    }
    return id == null ? with : with.with("mcp-session-id", id);
  }

  /// It, as the next call may have it; empty where that is not known to be the same client's.
  Optional<ReadySessions.Open> ready() {
    Identity as = identity;
    String spoken = version;
    return isOfTwo || as == null || spoken == null
        ? Optional.empty()
        : Optional.of(new ReadySessions.Open(connector, as, id, spoken, last));
  }

  @Override
  public void close() {
    boolean well = isWell;
    var _ = end();
    if (well) {
      afterwards.run();
    }
  }

  /// Says DELETE, with the credential it was opened with or not at all. A session that is left is
  /// the server's to end; its answer changes nothing.
  Future<Exchanged> end() {
    return id == null
        ? Future.succeededFuture(new Exchanged.Not(McpMessages.noSession("there is none")))
        : http.exchange(
            () -> own(connector.call(parameters, null)),
            connector.reach(),
            TO_SAY_GOODBYE,
            new IgnoredBody(LARGEST_IGNORED),
            LastLook.NONE,
            this::mustBeTheSame);
  }

  private static Duration left(long end) {
    return Duration.ofNanos(end - System.nanoTime());
  }

  private static boolean isSuccess(int code) {
    return HttpConnector.usual(code) == Status.SUCCEEDED;
  }

  private static Opened noSession(Exchanged exchanged) {
    return new Opened.No(
        switch (exchanged) {
          case Exchanged.Not it -> it.why();
          case Exchanged.Broken _ -> McpMessages.noSession("it did not answer, or broke off");
          case Exchanged.Answered it -> McpMessages.noSession("it answered " + it.code());
        });
  }
}
