package dev.countersign.messaging;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/// Another of our services, asked over HTTP. It follows no redirect, reads so many bytes at most,
/// and waits so long for all of an answer: a request's own timeout ends with the headers, and a
/// neighbour that stops in the middle of a body would be waited for for ever.
public final class Neighbour {

  private final HttpClient http;
  private final Duration within;
  private final int largest;

  /// @param toConnect for the connection alone
  /// @param within for everything, to the last byte
  /// @param largest of an answer's body, in bytes
  public Neighbour(Duration toConnect, Duration within, int largest) {
    this.within = within;
    this.largest = largest;
    this.http =
        HttpClient.newBuilder()
            // Over plain HTTP version 2 is asked for in the first request, and not all take it
            // well.
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(toConnect)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  /// Completes with the whole answer, or exceptionally: with a `TimeoutException` where it was not
  /// all there in time, with an `IOException` where it was too large or the connection broke.
  public CompletableFuture<HttpResponse<byte[]>> ask(HttpRequest request) {
    CompletableFuture<HttpResponse<byte[]>> exchange =
        http.sendAsync(
            request,
            HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), largest));
    CompletableFuture<HttpResponse<byte[]>> answer =
        exchange.copy().orTimeout(within.toNanos(), TimeUnit.NANOSECONDS);
    var _ =
        answer.whenComplete((_, failure) -> {
          if (failure != null) {
            // Closes the connection.
            exchange.cancel(true);
          }
        });
    return answer;
  }

  /// The same, and it blocks until then. Throws `InterruptedIOException`, with the thread still
  /// marked as interrupted, where it was interrupted.
  public HttpResponse<byte[]> await(HttpRequest request) throws IOException {
    CompletableFuture<HttpResponse<byte[]>> answer = ask(request);
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw new IOException(request.uri() + " could not be asked: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while " + request.uri() + " was asked");
    }
  }
}
