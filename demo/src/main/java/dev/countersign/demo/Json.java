package dev.countersign.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/// JSON over HTTP, as any client would speak it.
public final class Json {

  // Not 2: over plain HTTP the client asks to change over to it in its first request, and now and
  // then
  // the rest of that answer never comes.
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  /// An answer: its status, its location where it has one, and its body.
  public record Answer(int status, String location, JsonNode body) {}

  public Answer get(URI address) {
    return send(HttpRequest.newBuilder(address));
  }

  public Answer post(URI address, JsonNode body) {
    return send(
        HttpRequest.newBuilder(address)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(EventJson.write(body))));
  }

  /// What is there as plain text; throws where there is nothing.
  public String text(URI address) {
    return findText(address)
        .orElseThrow(() -> new IllegalStateException(address + " answered 404"));
  }

  /// What is there as plain text, or nothing where the answer is 404; throws at any other.
  public Optional<String> findText(URI address) {
    HttpResponse<byte[]> answer = answer(HttpRequest.newBuilder(address));
    if (answer.statusCode() == 404) {
      return Optional.empty();
    }
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(address + " answered " + answer.statusCode());
    }
    return Optional.of(new String(answer.body(), StandardCharsets.UTF_8));
  }

  private Answer send(HttpRequest.Builder request) {
    HttpResponse<byte[]> answer = answer(request);
    byte[] body =
        answer.body().length == 0 ? "null".getBytes(StandardCharsets.UTF_8) : answer.body();
    return new Answer(
        answer.statusCode(),
        answer.headers().firstValue("location").orElse(""),
        EventJson.readTree(body));
  }

  private HttpResponse<byte[]> answer(HttpRequest.Builder request) {
    HttpRequest built = request.timeout(Duration.ofMinutes(2)).build();
    try {
      return http.send(built, HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new IllegalStateException(built.uri() + " does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
