package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution.Result;
import dev.countersign.events.Execution.Status;
import dev.countersign.events.Reason;
import dev.countersign.executor.application.Begun;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.HeadersTemplate;
import dev.countersign.executor.domain.HttpCall;
import dev.countersign.executor.domain.HttpConnector;
import dev.countersign.executor.domain.McpConnector;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.Response;
import dev.countersign.executor.domain.Unfit;
import dev.countersign.messaging.Trace;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Runs a tool by calling an MCP server's over Streamable HTTP, in a session of its own:
/// `initialize`, `notifications/initialized`, `tools/call`, and DELETE.
///
/// Only `tools/call` can have an effect: what goes wrong before it is `failed`, and nothing was
/// called. That a tool answers with an error does not say so: a server makes one of whatever is
/// thrown in the tool, be it after its effect.
@ApplicationScoped
class McpEffects {

  private static final String NEWEST = "2025-11-25";
  private static final Set<String> SPOKEN = Set.of("2025-03-26", "2025-06-18", NEWEST);
  private static final Duration TO_SAY_GOODBYE = Duration.ofSeconds(5);
  private static final int LARGEST_IGNORED = 64 * 1024;
  private static final int INITIALIZE = 1;
  private static final int CALL = 2;
  // Errors with which a server says that it did not take the request (JSON-RPC 2.0 §5.1).
  private static final Set<Integer> NOT_TAKEN = Set.of(-32700, -32600, -32601, -32602);

  private final AuthorizedHttp http;
  private final StillSo stillSo;

  @Inject
  McpEffects(AuthorizedHttp http, StillSo stillSo) {
    this.http = http;
    this.stillSo = stillSo;
  }

  /// Performs the call. An outcome always comes.
  Uni<Outcome> perform(Begun begun, McpConnector connector, LastLook look) {
    return Uni.createFrom()
        .completionStage(() -> new Session(begun, connector, look).run().toCompletionStage());
  }

  private final class Session {

    private final Begun begun;
    private final McpConnector connector;
    private final LastLook look;
    private final long end;
    private @Nullable String id;
    private String version = "";

    Session(Begun begun, McpConnector connector, LastLook look) {
      this.begun = begun;
      this.connector = connector;
      this.look = look;
      this.end = System.nanoTime() + connector.timeout().toNanos();
    }

    Future<Outcome> run() {
      McpAnswer answer = new McpAnswer(INITIALIZE);
      return post(initialize(), answer)
          .compose(exchanged -> {
            Optional<Outcome> failed = open(exchanged, answer);
            return failed.isPresent() ? Future.succeededFuture(failed.get()) : ready();
          })
          .onComplete(_ -> close());
    }

    private Future<Outcome> ready() {
      return post(message("notifications/initialized"), new KeptBody(LARGEST_IGNORED))
          .compose(exchanged ->
              exchanged instanceof Exchanged.Answered it && isSuccess(it.code())
                  ? check()
                  : Future.succeededFuture(noSession(exchanged)));
    }

    /// Only now: opening the session may have taken long.
    private Future<Outcome> check() {
      return Future.fromCompletionStage(
              stillSo.look(begun, connector, look).subscribeAsCompletionStage())
          .compose(looked ->
              switch (looked) {
                case StillSo.Looked.No it -> Future.succeededFuture(it.why());
                case StillSo.Looked.Yes it -> call(it.look());
              });
    }

    private Future<Outcome> call(LastLook last) {
      JsonNode arguments;
      try {
        arguments = connector.arguments(begun.parameters());
      } catch (Unfit e) {
        return Future.succeededFuture(Outcome.refused(e.reason()));
      }
      ObjectNode call = message("tools/call").put("id", CALL);
      ObjectNode params = call.putObject("params").put("name", connector.tool());
      params.set("arguments", arguments);
      params.putObject("_meta").put("dev.countersign/action-id", begun.actionId().toString());
      McpAnswer answer = new McpAnswer(CALL);
      // On the call alone: a server that knows keys must not take it for another try of the
      // opening.
      return post(call, answer, begun.actionId().toString(), last)
          .map(exchanged ->
              switch (exchanged) {
                case Exchanged.Not it -> it.why();
                case Exchanged.Broken it -> it.why();
                case Exchanged.Answered it -> outcome(connector, it.code(), answer.find());
              });
    }

    /// Empty where the session is open.
    private Optional<Outcome> open(Exchanged exchanged, McpAnswer answer) {
      if (!(exchanged instanceof Exchanged.Answered answered) || !isSuccess(answered.code())) {
        return Optional.of(noSession(exchanged));
      }
      String session = sessionId(answered.headers());
      if (session != null && !HeadersTemplate.isFieldValue(session)) {
        return Optional.of(noSession(exchanged));
      }
      id = session;
      version =
          answer
              .find()
              .map(found -> found.json().path("result").path("protocolVersion").asText())
              .orElse("");
      return SPOKEN.contains(version)
          ? Optional.empty()
          : Optional.of(
              Outcome.failed(
                  "mcp-version",
                  "The MCP server speaks no version of the protocol that we speak; no tool was"
                      + " called."));
    }

    private void close() {
      if (id == null) {
        return;
      }
      // A session that is left is the server's to end; its answer changes nothing for the outcome.
      var _ =
          http.exchange(
              () -> own(connector.call(begun.parameters(), null)),
              connector.reach(),
              TO_SAY_GOODBYE,
              new KeptBody(LARGEST_IGNORED));
    }

    private Future<Exchanged> post(JsonNode message, AnswerReader reader) {
      return post(message, reader, null, LastLook.NONE);
    }

    private Future<Exchanged> post(
        JsonNode message, AnswerReader reader, @Nullable String idempotencyKey, LastLook last) {
      Duration left = Duration.ofNanos(end - System.nanoTime());
      return left.toMillis() < 1
          ? Future.succeededFuture(
              new Exchanged.Not(
                  Outcome.failed("timeout", "Time was up before the tool could be called.")))
          : http.exchange(
              () -> {
                HttpCall call = own(connector.call(begun.parameters(), message));
                return idempotencyKey == null ? call : call.with("idempotency-key", idempotencyKey);
              },
              connector.reach(),
              left,
              reader,
              last);
    }

    private HttpCall own(HttpCall call) {
      HttpCall with =
          call.with("accept", "application/json, text/event-stream")
              .with("traceparent", Trace.orNew(begun.traceparent()));
      if (!version.isEmpty()) {
        with = with.with("mcp-protocol-version", version);
      }
      return id == null ? with : with.with("mcp-session-id", id);
    }
  }

  private static ObjectNode message(String method) {
    return JsonNodeFactory.instance.objectNode().put("jsonrpc", "2.0").put("method", method);
  }

  private static ObjectNode initialize() {
    ObjectNode initialize = message("initialize").put("id", INITIALIZE);
    ObjectNode params = initialize.putObject("params").put("protocolVersion", NEWEST);
    params.putObject("capabilities");
    params.putObject("clientInfo").put("name", "countersign-executor").put("version", "1");
    return initialize;
  }

  private static @Nullable String sessionId(MultiMap headers) {
    return headers.get("mcp-session-id");
  }

  private static boolean isSuccess(int code) {
    return HttpConnector.usual(code) == Status.SUCCEEDED;
  }

  private static Outcome noSession(Exchanged exchanged) {
    return switch (exchanged) {
      case Exchanged.Not it -> it.why();
      case Exchanged.Broken _ -> noSession("it did not answer, or broke off");
      case Exchanged.Answered it -> noSession("it answered " + it.code());
    };
  }

  private static Outcome noSession(String why) {
    return Outcome.failed(
        "mcp-no-session", "The MCP server opened no session: " + why + "; no tool was called.");
  }

  private static Outcome outcome(
      McpConnector connector, int code, Optional<McpAnswer.Response> response) {
    Status byCode = HttpConnector.usual(code);
    if (byCode != Status.SUCCEEDED) {
      return new Outcome(
          byCode,
          new Result(Integer.toString(code), null, "The MCP server answered " + code + "."),
          HttpEffects.reason(byCode, code));
    }
    if (response.isEmpty()) {
      return Outcome.unknown(
          "target-unclear",
          "The MCP server's answer holds no response that can be read. Look there whether the tool"
              + " took effect.");
    }
    McpAnswer.Response found = response.get();
    JsonNode error = found.json().path("error");
    if (error.isObject()) {
      return refused(found, error.path("code").asInt());
    }
    boolean failed = found.json().path("result").path("isError").asBoolean();
    // Where the agent gets it, the result alone is digested: it is what the agent can hold against
    // the digest, and the envelope says nothing more.
    byte[] own = EventJson.write(found.json().path("result"));
    Response told = connector.keep() == null ? null : told(own, connector.keep());
    Result result =
        new Result(
            failed ? "tool-error" : "ok",
            told == null ? found.digest() : Digest.of(own),
            "The tool answered "
                + (failed ? "with an error, " : "")
                + "with "
                + found.length()
                + (told != null && told.body() == null
                    ? " bytes, too many to keep for the agent."
                    : " bytes."));
    if (!failed) {
      return new Outcome(Status.SUCCEEDED, result, null).with(told);
    }
    return connector.errorIsFailure()
        ? new Outcome(
            Status.FAILED,
            result,
            new Reason("tool-error", "The tool answered with an error."),
            Outcome.Word.OPERATORS,
            told)
        : new Outcome(
            Status.UNKNOWN,
            result,
            new Reason(
                "tool-error",
                "The tool answered with an error, which leaves open whether it took effect. Look"
                    + " there."),
            Outcome.Word.OURS,
            told);
  }

  private static Response told(byte[] result, Duration keep) {
    return new Response(
        "application/json", result.length <= Response.LARGEST ? result : null, keep);
  }

  private static Outcome refused(McpAnswer.Response found, int code) {
    Result result =
        new Result(
            Integer.toString(code), found.digest(), "The MCP server answered error " + code + ".");
    return NOT_TAKEN.contains(code)
        ? new Outcome(
            Status.FAILED,
            result,
            new Reason(
                "target-failed", "The MCP server did not take the call, error " + code + "."))
        : new Outcome(
            Status.UNKNOWN,
            result,
            new Reason(
                "target-unclear",
                "The MCP server's error " + code + " leaves open whether the tool took effect."));
  }
}
