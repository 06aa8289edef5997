package dev.countersign.gateway.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.Samples;
import dev.countersign.testservers.Wire;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// The gateway from outside, as whoever sends these credentials.
///
/// @param bearer a key or a token; null sends none
@NullMarked
record Door(HttpClient http, URI base, @Nullable String bearer) {

  static final String OPERATOR = "the-operators-secret-of-the-tests";

  record Answer(HttpResponse<byte[]> response, JsonNode body) {
    int status() {
      return response.statusCode();
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    String text(String pointer) {
      return body.at(pointer).asText();
    }

    /// The stable part of a problem's type.
    String problem() {
      assertEquals("application/problem+json", header("content-type"), this::toString);
      return text("/type").substring(text("/type").lastIndexOf(':') + 1);
    }

    @Override
    public String toString() {
      return status() + " " + body;
    }
  }

  static Door of(URI base) {
    return new Door(
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build(), base, null);
  }

  Door as(@Nullable String someone) {
    return new Door(http, base, someone);
  }

  /// A key that the operator made for this agent.
  JsonNode key(String settings) throws Exception {
    Answer made = as(OPERATOR).post("/v1/operator/agent-keys", settings);
    assertEquals(201, made.status(), made::toString);
    return made.body();
  }

  Answer post(String path, String body, String... headers) throws Exception {
    return send("POST", path, body, headers);
  }

  Answer get(String path, String... headers) throws Exception {
    return send("GET", path, null, headers);
  }

  Answer send(String method, String path, @Nullable String body, String... headers)
      throws Exception {
    return answer(http.send(request(method, path, body, headers), BodyHandlers.ofByteArray()));
  }

  CompletableFuture<Answer> later(String method, String path) {
    return http.sendAsync(request(method, path, null), BodyHandlers.ofByteArray())
        .thenApply(Door::answer);
  }

  /// Proposes and cancels something on each partition of this topic and waits until that is
  /// published: whatever was to be published there before stands there, too.
  void published(Wire wire, String topic) throws Exception {
    for (ActionId marker : wire.onEachPartition(topic)) {
      assertEquals(202, post("/v1/actions", Samples.of(marker, "1.00").json()).status());
      assertEquals(202, post("/v1/actions/" + marker + "/cancel", "{}").status());
      wire.about(marker, topic, 1);
    }
  }

  /// The lines of a stream, as they come, until it ends.
  Iterator<String> lines(String path) throws Exception {
    HttpResponse<Stream<String>> answer =
        http.send(request("GET", path, null), BodyHandlers.ofLines());
    assertEquals(200, answer.statusCode());
    return answer.body().iterator();
  }

  private HttpRequest request(
      String method, String path, @Nullable String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    if (bearer != null) {
      request.header("Authorization", "Bearer " + bearer);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return request.build();
  }

  private static Answer answer(HttpResponse<byte[]> response) {
    boolean json = response.headers().firstValue("content-type").orElse("").contains("json");
    return new Answer(
        response,
        json ? EventJson.readTree(response.body()) : JsonNodeFactory.instance.missingNode());
  }
}
