package dev.countersign.testservers;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Flow;

/// A body that is announced, and that nobody ever sends; and one that is sent unannounced.
public final class Announced {

  private static final Flow.Subscription NOTHING =
      new Flow.Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
      };

  private Announced() {}

  /// What is answered to the announcement alone. Throws `HttpTimeoutException` where the body is
  /// waited for.
  public static HttpResponse<String> post(URI to, String contentType, long bytes)
      throws IOException, InterruptedException {
    try (HttpClient http = client()) {
      return post(http, to, contentType, bytes);
    }
  }

  /// The same, by whatever protocol this client speaks.
  public static HttpResponse<String> post(HttpClient http, URI to, String contentType, long bytes)
      throws IOException, InterruptedException {
    HttpRequest.BodyPublisher body =
        HttpRequest.BodyPublishers.fromPublisher(
            subscriber -> subscriber.onSubscribe(NOTHING), bytes);
    HttpRequest request = request(to, contentType, body).expectContinue(true).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /// What is answered to a body in chunks, of which nobody is told beforehand how large it is. It
  /// is to be smaller than what the service cuts off: there the connection is closed under it, and
  /// the answer may be lost.
  public static HttpResponse<String> postUnannounced(URI to, String contentType, byte[] body)
      throws IOException, InterruptedException {
    HttpRequest.BodyPublisher chunks =
        HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body));
    try (HttpClient http = client()) {
      return http.send(
          request(to, contentType, chunks).build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private static HttpRequest.Builder request(
      URI to, String contentType, HttpRequest.BodyPublisher body) {
    return HttpRequest.newBuilder(to)
        .header("Content-Type", contentType)
        .timeout(Duration.ofSeconds(10))
        .POST(body);
  }

  private static HttpClient client() {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }
}
