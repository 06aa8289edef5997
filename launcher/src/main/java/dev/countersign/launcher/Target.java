package dev.countersign.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;

/// The real thing behind the gate, as far as one machine has it: it takes calls from whoever shows
/// the credential, writes each down, and lists them.
///
/// `POST /<anything>` takes a call; `?delay=<ms>` answers later, `?status=<code>` answers
/// otherwise, both after the call was written down. `GET /calls` lists them,
/// `?key=<Idempotency-Key>` some.
///
/// It also has databases, for actions to rest on: `GET /databases/<name>` says how one stands,
/// `PUT` of `{"tables": …, "rows": …}` changes it and `DELETE` takes it away, all with the
/// credential. A call that drops one is written down like any other, and leaves it as it is.
public final class Target {

  private static final int LARGEST_BODY = 1 << 20;
  private static final String DATABASES = "/databases/";

  private final JsonLines calls;
  private final Databases databases;
  private final byte[] authorization;

  private Target(JsonLines calls, Databases databases, String credential) {
    this.calls = calls;
    this.databases = databases;
    this.authorization = ("Bearer " + credential).getBytes(StandardCharsets.UTF_8);
  }

  /// The target's process: port, file of the calls, file of the credential.
  public static void main(String[] arguments) throws InterruptedException {
    start(
        Integer.parseInt(arguments[0]), Path.of(arguments[1]), Secrets.read(Path.of(arguments[2])));
    new CountDownLatch(1).await();
  }

  static HttpServer start(int port, Path calls, String credential) {
    var target =
        new Target(
            new JsonLines(calls),
            new Databases(calls.resolveSibling("databases.json")),
            credential);
    return LocalHttp.start(port, target::handle);
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (path.startsWith(DATABASES) && !exchange.getRequestMethod().equals("POST")) {
      database(exchange, path.substring(DATABASES.length()));
      return;
    }
    switch (exchange.getRequestMethod()) {
      case "POST" -> take(exchange);
      case "GET" -> show(exchange);
      default -> answer(exchange, 405, "only POST for calls, and GET /calls");
    }
  }

  private void take(HttpExchange exchange) throws IOException {
    if (!isKnown(exchange)) {
      return;
    }
    byte[] body = exchange.getRequestBody().readNBytes(LARGEST_BODY + 1);
    if (body.length > LARGEST_BODY) {
      answer(exchange, 413, "a call is at most 1 MiB");
      return;
    }
    Map<String, String> query = query(exchange);
    long delay = number(query, "delay", 0);
    int status = (int) number(query, "status", 200);
    if (delay < 0 || delay > 600_000 || status < 200 || status > 599) {
      answer(exchange, 400, "delay is 0 to 600000 milliseconds, status is 200 to 599");
      return;
    }
    long number = calls.append(next -> call(next, exchange, body));
    if (delay > 0) {
      pause(delay);
    }
    answer(exchange, status, "call " + number + " was taken");
  }

  /// Whether the credential was shown; where not, that is answered.
  private boolean isKnown(HttpExchange exchange) throws IOException {
    String shown = exchange.getRequestHeaders().getFirst("Authorization");
    if (shown != null
        && MessageDigest.isEqual(authorization, shown.getBytes(StandardCharsets.UTF_8))) {
      return true;
    }
    answer(exchange, 401, "this target wants Authorization: Bearer <credential>");
    return false;
  }

  private void database(HttpExchange exchange, String name) throws IOException {
    if (!isKnown(exchange)) {
      return;
    }
    switch (exchange.getRequestMethod()) {
      case "GET" -> {
        Optional<JsonNode> found = databases.find(name);
        if (found.isEmpty()) {
          answer(exchange, 404, "there is no such database any more");
        } else {
          show(exchange, found.get());
        }
      }
      case "PUT" -> {
        JsonNode asked = json(exchange.getRequestBody().readNBytes(LARGEST_BODY));
        if (asked.path("tables").isInt() && asked.path("rows").isInt()) {
          show(
              exchange,
              databases.change(name, asked.path("tables").asInt(), asked.path("rows").asInt()));
        } else {
          answer(exchange, 400, "send {\"tables\": 12, \"rows\": 48200}");
        }
      }
      case "DELETE" -> {
        databases.remove(name);
        answer(exchange, 204, "");
      }
      default -> answer(exchange, 405, "a database is read by GET and changed by PUT and DELETE");
    }
  }

  private static void show(HttpExchange exchange, JsonNode database) throws IOException {
    exchange.getResponseHeaders().set("ETag", "\"v" + database.path("version").asInt() + "\"");
    LocalHttp.answer(exchange, 200, "application/json", database + "\n");
  }

  private static JsonNode call(long number, HttpExchange exchange, byte[] body) {
    ObjectNode call = JsonLines.JSON.createObjectNode();
    call.put("number", number);
    call.put("at", Instant.now().toString());
    call.put("path", exchange.getRequestURI().getPath());
    String query = exchange.getRequestURI().getQuery();
    if (query != null) {
      call.put("query", query);
    }
    ObjectNode headers = call.putObject("headers");
    exchange
        .getRequestHeaders()
        .forEach((name, values) ->
            headers.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
    // That it was shown is known, as there is an entry; which it is stays a secret.
    headers.put("authorization", "Bearer ***");
    call.set("body", json(body));
    return call;
  }

  /// What came, as JSON where it is that, as text where it is not.
  private static JsonNode json(byte[] body) {
    try {
      JsonNode parsed = JsonLines.JSON.readTree(body);
      return parsed.isMissingNode() ? JsonLines.JSON.nullNode() : parsed;
    } catch (IOException _) {
      return JsonLines.JSON.getNodeFactory().textNode(new String(body, StandardCharsets.UTF_8));
    }
  }

  private void show(HttpExchange exchange) throws IOException {
    switch (exchange.getRequestURI().getPath()) {
      case "/calls" -> {
        String key = query(exchange).get("key");
        Predicate<JsonNode> wanted =
            key == null
                ? _ -> true
                : call -> key.equals(call.path("headers").path("idempotency-key").asText());
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
          calls.writeArray(out, 0, wanted);
        }
      }
      case "/ready" -> answer(exchange, 200, "ready");
      default -> answer(exchange, 404, "the calls are listed at GET /calls");
    }
  }

  private static void answer(HttpExchange exchange, int status, String detail) throws IOException {
    ObjectNode body = JsonLines.JSON.createObjectNode().put("detail", detail);
    boolean bodyless = status == 204 || status == 304;
    LocalHttp.answer(exchange, status, "application/json", bodyless ? "" : body + "\n");
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> query = new HashMap<>();
    String text = exchange.getRequestURI().getQuery();
    if (text != null) {
      for (String pair : text.split("&", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0) {
          query.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
      }
    }
    return query;
  }

  /// −1 for what is not a number.
  private static long number(Map<String, String> query, String name, long otherwise) {
    String text = query.get(name);
    if (text == null) {
      return otherwise;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException _) {
      return -1;
    }
  }

  private static void pause(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
