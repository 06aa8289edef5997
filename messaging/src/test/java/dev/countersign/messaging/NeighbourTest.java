package dev.countersign.messaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init") // opened before each
class NeighbourTest {

  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int LARGEST = 1_000;

  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private HttpServer server;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    answering("/whole", exchange -> answer(exchange, "all of it"));
    answering("/large", exchange -> answer(exchange, "x".repeat(LARGEST + 1)));
    answering(
        "/elsewhere",
        exchange -> {
          exchange.getResponseHeaders().set("location", "/whole");
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    answering("/endless", this::dribble);
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  private void answering(String path, HttpHandler handler) {
    server.createContext(path, handler);
  }

  private static void answer(HttpExchange exchange, String body) throws IOException {
    exchange.sendResponseHeaders(200, body.length());
    exchange.getResponseBody().write(body.getBytes(UTF_8));
    exchange.close();
  }

  /// Its headers at once, then a byte now and then until nobody reads them any more.
  private void dribble(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    begun.countDown();
    try (OutputStream body = exchange.getResponseBody()) {
      while (true) {
        body.write('x');
        body.flush();
        Thread.sleep(10);
      }
    } catch (IOException e) {
      closed.countDown();
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://localhost:" + server.getAddress().getPort() + path))
        .build();
  }

  @Test
  void anAnswerIsReadAsAWhole() throws IOException {
    HttpResponse<byte[]> answer = new Neighbour(LONG, LONG, LARGEST).await(request("/whole"));
    assertEquals("all of it", new String(answer.body(), UTF_8));
  }

  @Test
  void aBodyThatDoesNotEndIsNotWaitedForAndItsConnectionIsClosed() throws InterruptedException {
    // A bound on bytes that is not reached before.
    Neighbour neighbour = new Neighbour(LONG, Duration.ofSeconds(5), Integer.MAX_VALUE);
    IOException failure =
        assertThrows(IOException.class, () -> neighbour.await(request("/endless")));
    assertInstanceOf(TimeoutException.class, failure.getCause());
    assertTrue(closed.await(60, TimeUnit.SECONDS), "the connection was closed");
  }

  @Test
  void anAnswerThatIsTooLargeIsNone() {
    assertThrows(
        IOException.class, () -> new Neighbour(LONG, LONG, LARGEST).await(request("/large")));
  }

  @Test
  void nobodyIsFollowedElsewhere() throws IOException {
    assertEquals(302, new Neighbour(LONG, LONG, LARGEST).await(request("/elsewhere")).statusCode());
  }

  @Test
  void whoeverIsInterruptedStaysSoAndTheConnectionIsClosed() throws InterruptedException {
    CompletableFuture<Boolean> stillMarked = new CompletableFuture<>();
    Thread asking =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              assertThrows(
                  InterruptedIOException.class,
                  () -> new Neighbour(LONG, LONG, Integer.MAX_VALUE).await(request("/endless")));
              stillMarked.complete(Thread.currentThread().isInterrupted());
            });
    assertTrue(begun.await(60, TimeUnit.SECONDS), "it was asked");
    asking.interrupt();
    assertTrue(closed.await(60, TimeUnit.SECONDS), "the connection was closed");
    asking.join();
    assertTrue(stillMarked.getNow(false), "still marked");
  }
}
