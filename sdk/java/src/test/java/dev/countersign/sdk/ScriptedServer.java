package dev.countersign.sdk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.events.EventJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Answers as a script says, one after the other, and keeps what it was asked: a service as it
/// misbehaves. What services do, SdkTest says.
final class ScriptedServer implements AutoCloseable {

  /// Breaks the connection off.
  static final Scripted NONE = new Scripted(0, "", Map.of());

  /// Answers once the server is told to.
  static final Scripted HANGS = new Scripted(503, "so late", Map.of());

  record Scripted(int status, String body, Map<String, String> headers) {
    static Scripted of(int status, String body) {
      return new Scripted(status, body, Map.of());
    }

    static Scripted problem(int status, String code) {
      return of(
          status, "{\"type\": \"urn:countersign:problem:" + code + "\", \"detail\": \"Do this.\"}");
    }
  }

  record Asked(String line, String authorization, String key, JsonNode body) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch released = new CountDownLatch(1);
  private final Queue<Scripted> answers;
  final List<Asked> asked = new CopyOnWriteArrayList<>();

  ScriptedServer(Scripted... answers) throws IOException {
    this.answers = new ConcurrentLinkedQueue<>(List.of(answers));
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  void release() {
    released.countDown();
  }

  URI url() {
    return URI.create("http://localhost:" + server.getAddress().getPort());
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      var headers = exchange.getRequestHeaders();
      asked.add(
          new Asked(
              exchange.getRequestMethod() + " " + exchange.getRequestURI(),
              String.valueOf(headers.getFirst("authorization")),
              String.valueOf(headers.getFirst("idempotency-key")),
              body.length == 0 ? NullNode.getInstance() : EventJson.readTree(body)));
      Scripted answer = answers.remove();
      if (answer.equals(HANGS)) {
        released.await();
      }
      if (answer.status == 0) {
        throw new IOException("broken off");
      }
      answer.headers.forEach(exchange.getResponseHeaders()::set);
      byte[] said = answer.body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status, said.length == 0 ? -1 : said.length);
      exchange.getResponseBody().write(said);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    release();
    server.stop(0);
    threads.close();
  }
}
