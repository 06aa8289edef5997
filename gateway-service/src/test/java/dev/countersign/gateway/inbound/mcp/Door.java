package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;

/// Speaks to `/mcp` by hand, to the header, as no library lets one.
@NullMarked
record Door(URI mcp) {

  static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  static final String NOW = "2026-07-28";

  record Answer(int status, Map<String, List<String>> headers, JsonNode body) {
    JsonNode result() {
      if (!body.has("result")) {
        throw new AssertionError("no result: " + body);
      }
      return body.path("result");
    }

    JsonNode said() {
      return result().path("structuredContent");
    }

    int error() {
      return body.path("error").path("code").intValue();
    }
  }

  /// A request of the revision 2026-07-28, by a client that may speak tasks.
  Answer now(String method, ObjectNode params, boolean tasks) throws Exception {
    return later(method, params, tasks).get(60, TimeUnit.SECONDS);
  }

  CompletableFuture<Answer> later(String method, ObjectNode params, boolean tasks) {
    Map<String, String> headers = new HashMap<>();
    headers.put("MCP-Protocol-Version", NOW);
    headers.put("Mcp-Method", method);
    for (String member : new String[] {"name", "taskId"}) {
      if (params.has(member)) {
        headers.put("Mcp-Name", params.path(member).asText());
      }
    }
    return send(message(method, meta(params, NOW, tasks)).toString(), headers);
  }

  Answer call(String tool, ObjectNode arguments) throws Exception {
    return now("tools/call", params(tool, arguments), false);
  }

  static ObjectNode params(String tool, ObjectNode arguments) {
    ObjectNode params = object().put("name", tool);
    params.set("arguments", arguments);
    return params;
  }

  static ObjectNode meta(ObjectNode params, String version, boolean tasks) {
    ObjectNode meta = params.withObject("/_meta");
    meta.put("io.modelcontextprotocol/protocolVersion", version);
    meta.putObject("io.modelcontextprotocol/clientInfo").put("name", "tests").put("version", "1");
    ObjectNode capabilities = meta.putObject("io.modelcontextprotocol/clientCapabilities");
    if (tasks) {
      capabilities.putObject("extensions").putObject(Tasks.EXTENSION);
    }
    return params;
  }

  static ObjectNode message(String method, ObjectNode params) {
    ObjectNode message = object().put("jsonrpc", "2.0").put("id", 7).put("method", method);
    message.set("params", params);
    return message;
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  Answer post(String body, Map<String, String> headers) throws Exception {
    return send(body, headers).get(60, TimeUnit.SECONDS);
  }

  private CompletableFuture<Answer> send(String body, Map<String, String> headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(mcp)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json, text/event-stream")
            .POST(BodyPublishers.ofString(body));
    headers.forEach(request::setHeader);
    return HTTP.sendAsync(request.build(), BodyHandlers.ofByteArray()).thenApply(Door::answer);
  }

  static Answer answer(HttpResponse<byte[]> response) {
    return new Answer(
        response.statusCode(),
        response.headers().map(),
        response.body().length == 0 ? object() : EventJson.readTree(response.body()));
  }
}
