package dev.countersign.sdk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A service over HTTP, and who calls. Redirects are not followed unless the client that was given
/// does: an API that redirects is not the one that was asked, and must not get its key.
final class Door implements Conversation.Line {

  /// Beyond the time that the server was allowed to take.
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final HttpClient http;
  private final String url;
  private final @Nullable String token;

  Door(HttpClient http, URI url, @Nullable String token) {
    if (url.getHost() == null || url.getQuery() != null || url.getFragment() != null) {
      throw new IllegalArgumentException(
          url + " is no address of a service, like https://gateway.example");
    }
    this.http = http;
    this.url = url.toString().replaceAll("/+$", "");
    this.token = token;
  }

  /// What came back.
  ///
  /// @param json missing where that was no JSON
  /// @param retryAfter seconds; null where it does not say
  record Reply(int status, JsonNode json, @Nullable Double retryAfter) {

    /// A client's fault, which the same request would meet again.
    boolean isNo() {
      return status >= 400 && status < 500 && status != 408 && status != 425 && status != 429;
    }

    /// The code of its problem (RFC 9457).
    String code() {
      String type = json.path("type").textValue();
      return type == null ? "http-" + status : type.substring(type.lastIndexOf(':') + 1);
    }

    String detail() {
      String detail = json.path("detail").textValue();
      return detail == null ? "it answered " + status : detail;
    }
  }

  @Override
  public Reply send(
      String method, String path, byte @Nullable [] body, Map<String, String> headers, int wait)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(PATIENCE.plusSeconds(wait))
            .header("accept", "application/json")
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    if (token != null) {
      request.header("authorization", "Bearer " + token);
    }
    HttpResponse<byte[]> answer =
        http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    JsonNode json = answer.body().length == 0 ? null : Canonical.read(answer.body());
    return new Reply(
        answer.statusCode(),
        json == null ? MissingNode.getInstance() : json,
        answer.headers().firstValue("retry-after").map(Door::seconds).orElse(null));
  }

  /// Null where it is a date: ours say seconds.
  private static @Nullable Double seconds(String text) {
    try {
      double value = Double.parseDouble(text);
      return value >= 0 && Double.isFinite(value) ? value : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
