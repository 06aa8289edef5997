package dev.countersign.testservers;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Flow;

/// A body that is announced, and that nobody ever sends.
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
    HttpRequest request =
        HttpRequest.newBuilder(to)
            .header("Content-Type", contentType)
            .expectContinue(true)
            .timeout(Duration.ofSeconds(10))
            .POST(
                HttpRequest.BodyPublishers.fromPublisher(
                    subscriber -> subscriber.onSubscribe(NOTHING), bytes))
            .build();
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }
}
