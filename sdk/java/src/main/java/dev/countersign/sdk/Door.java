package dev.countersign.sdk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A service over HTTP, and who calls. Redirects are not followed unless the client that was given
/// does: an API that redirects is not the one that was asked, and must not get its key.
final class Door implements Conversation.Line {

  /// Beyond the time that the server was allowed to take.
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  // In bytes; an answer holds one action.
  private static final int LONGEST = 8 * 1024 * 1024;

  private static final String OURS = "urn:countersign:problem:";

  private final HttpClient http;
  private final String url;
  private final @Nullable String token;
  private final Duration patience;

  Door(HttpClient http, URI url, @Nullable String token) {
    this(http, url, token, PATIENCE);
  }

  Door(HttpClient http, URI url, @Nullable String token, Duration patience) {
    if (url.getHost() == null || url.getQuery() != null || url.getFragment() != null) {
      throw new IllegalArgumentException(
          url + " is no address of a service, like https://gateway.example");
    }
    // HttpClient would say which value is none, and so would whatever logs that.
    if (token != null && !token.matches("[!-~]+")) {
      throw new IllegalArgumentException(
          "the token has characters that none has: a line end at its end, perhaps");
    }
    this.http = http;
    this.url = url.toString().replaceAll("/+$", "");
    this.token = token;
    this.patience = patience;
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

    /// Whether the gateway itself says so; a proxy has other problems.
    boolean isOurs() {
      return json.path("type").asText().startsWith(OURS);
    }

    /// The key stands for another action.
    boolean isConflict() {
      return status == 409 && json.path("type").asText().equals(OURS + "conflict");
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
    HttpResponse<byte[]> answer = whole(request.build(), patience.plusSeconds(wait));
    JsonNode json = answer.body().length == 0 ? null : Canonical.read(answer.body());
    return new Reply(
        answer.statusCode(),
        json == null ? MissingNode.getInstance() : json,
        answer.headers().firstValue("retry-after").map(Door::seconds).orElse(null));
  }

  /// The answer to its last byte: a request's own timeout ends with the headers.
  private HttpResponse<byte[]> whole(HttpRequest request, Duration within)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> exchange =
        http.sendAsync(request, info -> new BoundedBody(LONGEST));
    try {
      return exchange.copy().get(within.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new HttpTimeoutException("no whole answer within " + within);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException broken ? broken : new IOException(e.getCause());
    } finally {
      // Closes the connection of one that is not over.
      exchange.cancel(true);
    }
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
