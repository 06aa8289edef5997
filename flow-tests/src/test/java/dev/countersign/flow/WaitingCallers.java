package dev.countersign.flow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Agents that propose and wait for the answer, as many as it takes, each over a connection of its
/// own: HTTP/1.1 carries one request at a time. Each waits as an agent does, however often it has
/// to ask again, and takes nothing but an answer about its own action.
final class WaitingCallers implements AutoCloseable {

  /// How a caller waits.
  enum Way {
    /// `GET /v1/actions/{id}?wait=30`, once it was filed.
    GET,
    /// `check_approval`, once it was filed.
    CHECK,
    /// `request_approval`, the same again and again.
    REQUEST
  }

  /// What a caller heard in the end.
  record Heard(String status, String reason) {}

  private static final int THREADS = 2;
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final Set<String> NOT_FINAL =
      Set.of("received", "waiting", "unreachable", "approved");
  // JSON-RPC 2.0 §5.1.
  private static final int INTERNAL_ERROR = -32603;
  private static final String REVISION = "2026-07-28";

  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(threads).build();
  private final URI gateway;

  WaitingCallers(URI gateway) {
    this.gateway = gateway;
  }

  /// Proposes, and waits until it is known how it ended. Fails where it hears what no caller can
  /// make sense of.
  CompletableFuture<Heard> ask(Load.Case asked, Way way) {
    Caller caller = new Caller(asked, way);
    caller.ask();
    return caller.heard;
  }

  private final class Caller {
    private final Load.Case asked;
    private final Way way;
    private final CompletableFuture<Heard> heard = new CompletableFuture<>();
    private volatile boolean filed;

    private Caller(Load.Case asked, Way way) {
      this.asked = asked;
      this.way = way;
    }

    private void ask() {
      var _ =
          http.sendAsync(request(), BodyHandlers.ofByteArray())
              .whenComplete((response, failure) -> {
                try {
                  hear(response, failure);
                } catch (RuntimeException e) {
                  heard.completeExceptionally(e);
                }
              });
    }

    private HttpRequest request() {
      ActionId id = asked.id();
      ObjectNode arguments = JsonNodeFactory.instance.objectNode();
      return switch (way) {
        case GET ->
            filed
                ? HttpRequest.newBuilder(action(id, "?wait=30")).build()
                : post(gateway.resolve("/v1/actions"), asked.proposal()).build();
        case CHECK ->
            filed
                ? call(
                    id,
                    "check_approval",
                    arguments.put("action_id", id.toString()).put("wait_seconds", 45))
                : call(id, "request_approval", proposal(0));
        case REQUEST -> call(id, "request_approval", proposal(45));
      };
    }

    /// The same proposal in the words of MCP.
    private ObjectNode proposal(int seconds) {
      JsonNode proposal = asked.proposal();
      ObjectNode arguments = JsonNodeFactory.instance.objectNode();
      arguments.set("toolset", proposal.at("/tool/toolset"));
      arguments.set("tool", proposal.at("/tool/name"));
      arguments.set("parameters", proposal.path("parameters"));
      arguments.set("session", proposal.at("/agent/session"));
      return arguments.put("idempotency_key", asked.id().toString()).put("wait_seconds", seconds);
    }

    private void hear(@Nullable HttpResponse<byte[]> response, @Nullable Throwable failure) {
      if (response == null) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (!(cause instanceof IOException)) {
          throw new IllegalStateException("not sent: " + asked.id(), cause);
        }
        askLater();
      } else {
        JsonNode body = EventJson.readTree(response.body());
        if (isUnavailable(response.statusCode(), body)) {
          askLater();
        } else {
          hear(response.statusCode(), body);
        }
      }
    }

    /// The gateway is there, and its database not for it: each door says so in its own way.
    private static boolean isUnavailable(int status, JsonNode body) {
      return status == 503
          || body.at("/error/code").asInt() == INTERNAL_ERROR
          || body.at("/result/structuredContent/reason/code").asText().equals("unavailable");
    }

    private void hear(int code, JsonNode body) {
      JsonNode state = way == Way.GET ? body : body.at("/result/structuredContent");
      String status = state.path("status").asText();
      String about = state.path(way == Way.GET ? "actionId" : "action_id").asText();
      if (code / 100 != 2 || status.isEmpty()) {
        throw new IllegalStateException(asked.id() + " heard " + code + " " + body);
      }
      if (!about.equals(asked.id().toString())) {
        throw new IllegalStateException(asked.id() + " heard another's answer: " + body);
      }
      if (NOT_FINAL.contains(status)) {
        filed = true;
        ask();
      } else {
        heard.complete(new Heard(status, state.at("/reason/text").asText()));
      }
    }

    /// The gateway is away.
    private void askLater() {
      CompletableFuture.delayedExecutor(PAUSE.toMillis(), TimeUnit.MILLISECONDS, threads)
          .execute(this::ask);
    }
  }

  private URI action(ActionId id, String rest) {
    return gateway.resolve("/v1/actions/" + id + rest);
  }

  private static HttpRequest.Builder post(URI address, JsonNode body) {
    return HttpRequest.newBuilder(address)
        .header("Content-Type", "application/json")
        .header("Accept", "application/json, text/event-stream")
        .POST(BodyPublishers.ofByteArray(EventJson.write(body)));
  }

  /// A call of a tool as the revision of July 2026 has it: nothing precedes it.
  private HttpRequest call(ActionId id, String tool, ObjectNode arguments) {
    ObjectNode message =
        JsonNodeFactory.instance
            .objectNode()
            .put("jsonrpc", "2.0")
            .put("id", id.toString())
            .put("method", "tools/call");
    ObjectNode params = message.putObject("params").put("name", tool);
    params.set("arguments", arguments);
    ObjectNode meta =
        params.putObject("_meta").put("io.modelcontextprotocol/protocolVersion", REVISION);
    meta.putObject("io.modelcontextprotocol/clientCapabilities");
    meta.putObject("io.modelcontextprotocol/clientInfo").put("name", "waiting").put("version", "1");
    return post(gateway.resolve("/mcp"), message)
        .header("MCP-Protocol-Version", REVISION)
        .header("Mcp-Method", "tools/call")
        .header("Mcp-Name", tool)
        .build();
  }

  /// Whoever still waits is cut off.
  @Override
  public void close() {
    http.shutdownNow();
    threads.shutdownNow();
  }
}
