package dev.countersign.witness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/// A witness, as a log reaches it.
record Http(int port) {

  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  HttpResponse<String> submit(String body) throws IOException, InterruptedException {
    return submit(body.getBytes(UTF_8));
  }

  HttpResponse<String> submit(byte[] body) throws IOException, InterruptedException {
    return CLIENT.send(
        request("/add-checkpoint").POST(BodyPublishers.ofByteArray(body)).build(),
        BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return CLIENT.send(request(path).build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(Duration.ofSeconds(30));
  }

  /// The size that a 409 tells.
  static int told(HttpResponse<String> answer) {
    if (answer.statusCode() != 409
        || !answer.headers().firstValue("Content-Type").orElse("").equals("text/x.tlog.size")
        || !answer.body().matches("(0|[1-9][0-9]*)\n")) {
      throw new AssertionError("no other size: " + answer.statusCode() + " " + answer.body());
    }
    return Integer.parseInt(answer.body().strip());
  }
}
