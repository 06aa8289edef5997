package dev.countersign.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The least of an MCP client over Streamable HTTP (revision 2025-11-25) that can call a tool: one
/// request at a time, answered as JSON or as a stream of events.
final class McpClient {

  private static final String REVISION = "2025-11-25";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI address;
  private @Nullable String session;
  private int requests;

  private McpClient(URI address) {
    this.address = address;
  }

  static McpClient connect(URI address) throws IOException, InterruptedException {
    McpClient client = new McpClient(address);
    ObjectNode parameters = JsonNodeFactory.instance.objectNode();
    parameters.put("protocolVersion", REVISION).putObject("capabilities");
    parameters.putObject("clientInfo").put("name", "countersign-bench").put("version", "1");
    HttpResponse<String> answer = client.send(client.request("initialize", parameters));
    client.session = answer.headers().firstValue("mcp-session-id").orElse(null);
    result(answer);
    ObjectNode initialized = JsonNodeFactory.instance.objectNode().put("jsonrpc", "2.0");
    client.send(initialized.put("method", "notifications/initialized"));
    return client;
  }

  JsonNode call(String tool, JsonNode arguments) throws IOException, InterruptedException {
    ObjectNode parameters = JsonNodeFactory.instance.objectNode().put("name", tool);
    parameters.set("arguments", arguments);
    return result(send(request("tools/call", parameters)));
  }

  private ObjectNode request(String method, JsonNode parameters) {
    ObjectNode request = JsonNodeFactory.instance.objectNode().put("jsonrpc", "2.0");
    request.put("id", ++requests).put("method", method).set("params", parameters);
    return request;
  }

  private HttpResponse<String> send(JsonNode message) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .timeout(Duration.ofMinutes(1))
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", REVISION)
            .POST(HttpRequest.BodyPublishers.ofByteArray(EventJson.write(message)));
    if (session != null) {
      request.header("mcp-session-id", session);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode result(HttpResponse<String> answer) {
    String said = answer.body();
    boolean stream =
        answer.headers().firstValue("content-type").orElse("").startsWith("text/event-stream");
    // The answer is the last event; what comes before is news of its progress.
    String last =
        stream
            ? said.lines()
                .filter(line -> line.startsWith("data:") && line.length() > 6)
                .reduce("", (_, line) -> line.substring(5))
            : said;
    JsonNode message = EventJson.readTree(last.getBytes(StandardCharsets.UTF_8));
    if (!message.path("result").isObject()) {
      throw new IllegalStateException("answered %d: %s".formatted(answer.statusCode(), said));
    }
    return message.path("result");
  }
}
