package dev.countersign.witness;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// The witness over HTTP: `POST /add-checkpoint`, and for people and supervisors `GET /vkey`,
/// `/q/health/live`, `/q/health/ready` and `/q/metrics`.
final class Door implements AutoCloseable {

  /// 63 lines of proof take 3 KiB; a checkpoint with a hundred signatures takes 14.
  private static final int LARGEST_BODY = 64 << 10;

  private static final int STOP_SECONDS = 5;
  private static final String JSON = "application/json";
  private static final String TEXT = "text/plain; charset=utf-8";

  private final HttpServer server;
  private final Cosign cosign;
  private final String key;
  private final Tally tally;
  private final Supplier<List<Path>> missing;
  private final Consumer<String> log;

  private Door(
      HttpServer server,
      Cosign cosign,
      String key,
      Tally tally,
      Supplier<List<Path>> missing,
      Consumer<String> log) {
    this.server = server;
    this.cosign = cosign;
    this.key = key;
    this.tally = tally;
    this.missing = missing;
    this.log = log;
  }

  /// @param key what it serves as its public key
  /// @param missing what it had cosigned and lost: while there is any, it is not ready
  static Door open(
      InetSocketAddress address,
      Cosign cosign,
      String key,
      Tally tally,
      Supplier<List<Path>> missing,
      Consumer<String> log)
      throws IOException {
    // Whoever sends slowly, or nothing, keeps no connection; in seconds.
    setting("sun.net.httpserver.maxReqTime", "10");
    setting("sun.net.httpserver.maxRspTime", "30");
    setting("jdk.httpserver.maxConnections", "256");
    // Otherwise each answer on a kept connection waits 40 ms for an acknowledgement.
    setting("sun.net.httpserver.nodelay", "true");
    HttpServer server = HttpServer.create(address, 256);
    Door door = new Door(server, cosign, key, tally, missing, log);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", door::serve);
    server.start();
    return door;
  }

  private static void setting(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      switch (exchange.getRequestURI().getPath()) {
        case "/add-checkpoint" -> add(exchange);
        case "/vkey" -> show(exchange, TEXT, key + "\n");
        case "/q/health/live" -> show(exchange, JSON, "{\"status\": \"UP\"}\n");
        case "/q/health/ready" -> ready(exchange);
        case "/q/metrics" ->
            show(exchange, "text/plain; version=0.0.4; charset=utf-8", tally.text());
        default -> answer(exchange, 404, TEXT, "a witness is asked at POST /add-checkpoint\n");
      }
    } catch (RuntimeException e) {
      log.accept("this is a mistake in the witness: " + e);
      throw e;
    }
  }

  private void ready(HttpExchange exchange) throws IOException {
    if (missing.get().isEmpty()) {
      show(exchange, JSON, "{\"status\": \"UP\"}\n");
    } else {
      answer(exchange, 503, JSON, "{\"status\": \"DOWN\"}\n");
    }
  }

  private static void show(HttpExchange exchange, String type, String body) throws IOException {
    if (exchange.getRequestMethod().equals("GET")) {
      answer(exchange, 200, type, body);
    } else {
      notAllowed(exchange, "GET");
    }
  }

  private void add(HttpExchange exchange) throws IOException {
    if (!exchange.getRequestMethod().equals("POST")) {
      notAllowed(exchange, "POST");
      return;
    }
    byte[] body = exchange.getRequestBody().readNBytes(LARGEST_BODY + 1);
    Answer answer =
        body.length > LARGEST_BODY
            ? new Answer.Refused(Reason.TOO_LARGE, "", "a submission has at most 64 KiB")
            : cosign.add(body);
    switch (answer) {
      case Answer.Cosigned cosigned -> {
        tally.cosigned(cosigned.checkpoint());
        answer(exchange, 200, TEXT, cosigned.signature().line());
      }
      case Answer.Refused refused -> {
        refuse(refused.reason(), refused.about(), refused.sentence());
        answer(exchange, refused.reason().status(), TEXT, refused.sentence() + "\n");
      }
      case Answer.OtherSize other -> {
        refuse(Reason.OTHER_SIZE, other.about(), other.sentence());
        answer(exchange, Reason.OTHER_SIZE.status(), "text/x.tlog.size", other.held() + "\n");
      }
    }
  }

  private void refuse(Reason reason, String about, String sentence) {
    tally.refused(reason);
    log.accept(
        "refused reason=" + reason.word() + (about.isEmpty() ? "" : " " + about) + ": " + sentence);
  }

  private static void notAllowed(HttpExchange exchange, String method) throws IOException {
    exchange.getResponseHeaders().set("Allow", method);
    answer(exchange, 405, TEXT, "this takes " + method + "\n");
  }

  private static void answer(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  /// Takes nothing more, and lets what has begun be answered.
  @Override
  public void close() {
    server.stop(STOP_SECONDS);
  }
}
