package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.events.EventJson;
import dev.countersign.executor.OddServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// An MCP server over HTTP that writes down what it is asked in which session, with one tool,
/// `refund`, whose calls it answers as a test wants it to.
final class SessionsServer implements AutoCloseable {

  /// What a call of the tool comes to. Only the first two say that it ran.
  enum Answer {
    RESULT,
    TOOL_ERROR,
    RPC_ERROR,
    NONSENSE,
    /// A response with so many values in it that none is made of them.
    TOO_MUCH,
    BAD_REQUEST,
    NOT_FOUND,
    /// By the request's number: it was taken up.
    CUSTOMER_NOT_FOUND,
    UNAVAILABLE,
    NOT_IMPLEMENTED,
    CUT,
    NEVER
  }

  /// @param said the method of the message; `DELETE` where there is none
  record Asked(
      String said,
      long id,
      @Nullable String session,
      @Nullable String credential,
      @Nullable String traceparent) {}

  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Asked> asked = new ArrayList<>();
  private final Set<String> open = new HashSet<>();
  private int opened;
  private int came;
  private int effects;
  private boolean closed;
  private boolean keepsSessions = true;
  private String description = "Refunds.";
  private Answer answer = Answer.RESULT;
  private int enough;
  private Runnable onceListed = () -> {};

  SessionsServer() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    http.setExecutor(threads);
    http.createContext("/", this::handle);
    http.start();
  }

  String url() {
    return "http://localhost:" + http.getAddress().getPort() + "/mcp";
  }

  synchronized void answers(Answer now) {
    answer = now;
  }

  /// Knows no sessions from now on, as servers do that stand behind a balancer.
  synchronized void keepsNoSessions() {
    keepsSessions = false;
  }

  synchronized boolean keepsSessions() {
    return keepsSessions;
  }

  /// As if it had been started anew.
  synchronized void forgetsItsSessions() {
    open.clear();
  }

  synchronized void describes(String now) {
    description = now;
  }

  /// Answers no call before so many have come in all.
  synchronized void answersAfter(int calls) {
    enough = calls;
  }

  /// When it has made its list, and before anybody hears of it.
  synchronized void onceListed(Runnable then) {
    onceListed = then;
  }

  synchronized int effects() {
    return effects;
  }

  /// What it was asked, in order, but for the end of sessions, which nobody waits for.
  synchronized List<String> said() {
    return asked.stream().map(Asked::said).filter(it -> !it.equals("DELETE")).toList();
  }

  /// The numbers of the requests, whatever the session.
  synchronized List<Long> ids() {
    return asked.stream().map(Asked::id).filter(id -> id != 0).toList();
  }

  synchronized List<Asked> calls() {
    return asked.stream().filter(it -> it.said.equals("tools/call")).toList();
  }

  synchronized List<Asked> ended() {
    return asked.stream().filter(it -> it.said.equals("DELETE")).toList();
  }

  synchronized int opened() {
    return opened;
  }

  synchronized int open() {
    return open.size();
  }

  /// Until so many sessions are open, and no more.
  void awaitOpen(int sessions) throws InterruptedException {
    await(() -> open.size() == sessions);
  }

  private synchronized void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left < 1) {
        throw new AssertionError("waited in vain; open: " + open + ", asked: " + asked);
      }
      wait(left);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    JsonNode message =
        body.length == 0 ? JsonNodeFactory.instance.objectNode() : EventJson.readTree(body);
    Asked it =
        new Asked(
            message.path("method").asText("DELETE"),
            message.path("id").asLong(),
            header(exchange, "mcp-session-id"),
            header(exchange, "authorization"),
            header(exchange, "traceparent"));
    Runnable then;
    synchronized (this) {
      asked.add(it);
      then = onceListed;
      notifyAll();
      if (it.session != null && !open.contains(it.session)) {
        answer(exchange, 404, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32001}}");
        return;
      }
    }
    switch (it.said) {
      case "initialize" -> initialize(exchange, it);
      case "DELETE" -> {
        synchronized (this) {
          open.remove(it.session);
          notifyAll();
        }
        answer(exchange, 200, "");
      }
      case "tools/list" -> {
        ObjectNode tools = tools();
        then.run();
        answer(exchange, 200, response(it, tools));
      }
      case "tools/call" -> call(exchange, it);
      default -> answer(exchange, 202, "");
    }
  }

  private synchronized void initialize(HttpExchange exchange, Asked it) throws IOException {
    opened++;
    if (keepsSessions) {
      String session = "session-" + opened;
      open.add(session);
      notifyAll();
      exchange.getResponseHeaders().set("Mcp-Session-Id", session);
    }
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.put("protocolVersion", "2025-11-25").putObject("capabilities").putObject("tools");
    result.putObject("serverInfo").put("name", "sessions").put("version", "1");
    answer(exchange, 200, response(it, result));
  }

  private synchronized ObjectNode tools() {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.putArray("tools").add(OddServer.tool("refund", description));
    return result;
  }

  private void call(HttpExchange exchange, Asked it) throws IOException {
    Answer now;
    try {
      synchronized (this) {
        now = answer;
        came++;
        notifyAll();
        await(() -> came >= enough);
        effects += now == Answer.RESULT || now == Answer.TOOL_ERROR ? 1 : 0;
        if (now == Answer.NEVER) {
          await(() -> closed);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    switch (now) {
      case RESULT, TOOL_ERROR -> {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("isError", now == Answer.TOOL_ERROR).putArray("content");
        answer(exchange, 200, response(it, result));
      }
      case RPC_ERROR ->
          answer(
              exchange,
              200,
              "{\"jsonrpc\":\"2.0\",\"id\":" + it.id + ",\"error\":{\"code\":-32600}}");
      case NONSENSE -> answer(exchange, 200, "refunded");
      case TOO_MUCH -> {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        ArrayNode content = result.putArray("content");
        for (int i = 0; i < 70_000; i++) {
          content.addObject();
        }
        answer(exchange, 200, response(it, result));
      }
      case BAD_REQUEST -> answer(exchange, 400, "");
      case NOT_FOUND -> answer(exchange, 404, "");
      case CUSTOMER_NOT_FOUND ->
          answer(
              exchange,
              404,
              "{\"jsonrpc\":\"2.0\",\"id\":" + it.id + ",\"error\":{\"code\":-32000}}");
      case UNAVAILABLE -> answer(exchange, 503, "");
      case NOT_IMPLEMENTED -> answer(exchange, 501, "");
      case CUT, NEVER -> exchange.close();
    }
  }

  private static String response(Asked it, ObjectNode result) {
    ObjectNode response = JsonNodeFactory.instance.objectNode().put("jsonrpc", "2.0");
    response.put("id", it.id).set("result", result);
    return response.toString();
  }

  private static @Nullable String header(HttpExchange exchange, String name) {
    return exchange.getRequestHeaders().getFirst(name);
  }

  private static void answer(HttpExchange exchange, int code, String body) throws IOException {
    byte[] bytes = body.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
    exchange.close();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    http.stop(0);
    threads.close();
  }
}
