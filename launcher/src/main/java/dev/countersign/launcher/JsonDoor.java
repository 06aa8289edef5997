package dev.countersign.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A service, asked in JSON. What it refuses is a [StartRefused] in its own words.
final class JsonDoor {

  private static final Duration TO_CONNECT = Duration.ofSeconds(20);
  // Longer than any work that is asked for takes: what it did is told by its answer alone.
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final String name;
  private final Supplier<URI> service;
  private final @Nullable String secret;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(TO_CONNECT)
          .build();

  /// @param name what people call it, as in "the ticket service"
  /// @param service where it is, asked each time; may refuse
  /// @param secret proves that the operator asks; null where nobody need
  JsonDoor(String name, Supplier<URI> service, @Nullable String secret) {
    this.name = name;
    this.service = service;
    this.secret = secret;
  }

  JsonNode get(String path) throws InterruptedException {
    return send(HttpRequest.newBuilder(service.get().resolve(path)));
  }

  JsonNode post(String path, JsonNode body) throws InterruptedException {
    return send(
        HttpRequest.newBuilder(service.get().resolve(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
  }

  private JsonNode send(HttpRequest.Builder request) throws InterruptedException {
    if (secret != null) {
      request.header("Authorization", "Bearer " + secret);
    }
    HttpRequest asked = request.timeout(PATIENCE).build();
    String at = asked.uri().resolve("/").toString();
    try {
      HttpResponse<String> response = http.send(asked, HttpResponse.BodyHandlers.ofString());
      JsonNode json =
          response.body().isEmpty()
              ? JsonLines.JSON.createObjectNode()
              : JsonLines.JSON.readTree(response.body());
      if (response.statusCode() >= 300) {
        throw new StartRefused(json.path("detail").asText(name + " says " + response.statusCode()));
      }
      return json;
    } catch (ConnectException _) {
      throw new StartRefused(name + " does not answer at " + at + "; does it run?");
    } catch (IOException e) {
      throw new StartRefused(name + " at " + at + " does not answer: " + e);
    }
  }
}
