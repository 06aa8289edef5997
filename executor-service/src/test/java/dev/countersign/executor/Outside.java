package dev.countersign.executor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.executor.domain.Offer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// The systems outside: a target that counts its calls and misbehaves on request, one that does not
/// speak HTTP, and the ticket service's key set; with the operator's files that lead there.
///
/// It lives in another class loader than the tests, which ask it over HTTP: `GET /calls?<key>`.
public final class Outside implements QuarkusTestResourceLifecycleManager {

  /// What the catalogue out there says of the tool that runs elsewhere.
  static final Digest ELSEWHERE = Digest.of(new byte[] {7});

  /// The same of the tools of the server that is a program, and what was accepted of one of them.
  static final Digest GATED = Digest.of(new byte[] {8});

  private static final Digest PIN = Offer.of(OddServer.tool("refund", OddServer.ACCEPTED)).pin();

  /// A resource that actions rest on.
  ///
  /// @param changeAfter after so many more readings it changes by itself; never where negative
  private record Watched(String body, int version, int changeAfter) {
    String etag() {
      return "\"v" + version + "\"";
    }

    Watched read() {
      return changeAfter == 1
          ? new Watched(body, version + 1, -1)
          : new Watched(body, version, changeAfter - 1);
    }
  }

  private record Call(String key, ObjectNode what) {}

  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final Map<String, Watched> watched = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> hanging = new ConcurrentHashMap<>();
  private @Nullable HttpServer server;
  private @Nullable ServerSocket garbage;
  private @Nullable ExecutorService threads;
  private @Nullable UpstreamServers upstream;

  @Override
  public Map<String, String> start() {
    try {
      ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor();
      threads = pool;
      HttpServer http =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 512);
      server = http;
      http.setExecutor(pool);
      http.createContext("/", this::handle);
      http.start();
      ServerSocket raw = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      garbage = raw;
      pool.execute(() -> speakNoHttp(raw));
      int port = http.getAddress().getPort();
      Path folder = Files.createTempDirectory("executor-test");
      Path odd = Files.createDirectory(folder.resolve("odd"));
      UpstreamServers servers = UpstreamServers.start().orElse(null);
      upstream = servers;
      Files.writeString(
          folder.resolve("connectors.yaml"),
          connectors(port, raw.getLocalPort(), closedPort())
              + odd(odd)
              + (servers == null ? "" : servers.connectors(port)));
      Path credentials = Files.createDirectory(folder.resolve("credentials"));
      Files.writeString(credentials.resolve("target"), "s3cret-of-the-target\n");
      Files.writeString(credentials.resolve("client"), UpstreamServers.CLIENT_SECRET);
      return Map.ofEntries(
          Map.entry("countersign.config", folder.toString()),
          Map.entry("countersign.credentials", credentials.toString()),
          Map.entry("countersign.grant.jwks", "http://127.0.0.1:" + port + "/jwks.json"),
          Map.entry("countersign.policy.url", "http://127.0.0.1:" + port),
          Map.entry("countersign.executor.sweep", "PT0.2S"),
          Map.entry("countersign.executor.find-topic", "PT15S"),
          Map.entry("countersign.executor.list-tools", "PT1S"),
          Map.entry("countersign.executor.ready-session", "PT5S"),
          Map.entry("countersign.executor.hanging-target", "PT0.2S"),
          Map.entry("test.odd", odd.toString()),
          Map.entry("test.target", "http://127.0.0.1:" + port),
          Map.entry("test.upstream", servers == null ? "none" : servers.address()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String odd(Path folder) {
    return """
      odd/*:
        type: mcp
        command: %s
        timeout: PT1M
    """
        .formatted(EventJson.tree(OddServer.command(folder)));
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String connectors(int port, int garbagePort, int closedPort) {
    StringBuilder yaml = new StringBuilder("connectors:\n");
    for (String way :
        List.of("ok", "cut", "half", "error", "gateway", "redirect", "big", "teapot")) {
      yaml.append(connector("test/" + way, port, "/" + way, "    timeout: PT30S\n"));
    }
    yaml.append(connector("test/slow", port, "/slow", "    timeout: PT1S\n"));
    for (String way : List.of("receipt", "page", "large")) {
      yaml.append(connector("test/" + way, port, "/" + way, "    response: agent\n"));
    }
    yaml.append(
        connector("test/brief", port, "/receipt", "    response: agent\n    keep: PT0.3S\n"));
    yaml.append(connector("test/closed", closedPort, "/", ""));
    yaml.append(connector("test/garbage", garbagePort, "/", ""));
    yaml.append(connector("test/again", port, "/ok", "    idempotent: true\n"));
    yaml.append(
        connector("test/guarded", port, "/ok", "    requires: {votes: 2, assurance: code}\n"));
    yaml.append(connector("test/sealed", port, "/ok", "    requires: {assurance: passkey}\n"));
    yaml.append(connector("test/one", port, "/ok", "    concurrency: 1\n"));
    yaml.append(connector("test/many", port, "/ok", "    concurrency: 64\n"));
    yaml.append(
        """
          test/path:
            type: http
            method: POST
            url: http://localhost:%1$d/files/${params.name}/close?note=${params.note}
            hosts: [localhost]
            allowPrivate: true
            headers: {X-Note: "n=${params.note}"}
          test/private:
            type: http
            method: POST
            url: http://localhost:%1$d/ok
            hosts: [localhost]
          test/metadata:
            type: http
            method: GET
            url: http://169.254.169.254/latest/meta-data/
            hosts: [169.254.169.254]
          test/six:
            type: http
            method: GET
            url: http://[::ffff:127.0.0.1]:%1$d/ok
            hosts: ["[::ffff:127.0.0.1]"]
          test/secretless:
            type: http
            method: POST
            url: http://localhost:%1$d/ok
            hosts: [localhost]
            allowPrivate: true
            credential: {file: not-there, as: bearer}
          test/command:
            type: kafka
            topic: deployer-commands
            replies: deployer-outcomes
          test/guarded-command:
            type: kafka
            topic: deployer-commands
            replies: deployer-outcomes
            requires: {votes: 1}
          test/impatient:
            type: kafka
            topic: deployer-commands
            replies: deployer-outcomes
            timeout: PT0.5S
          test/late-command:
            type: kafka
            topic: late-commands
            replies: late-outcomes
          test/rival:
            type: kafka
            topic: rival-commands
            replies: rival-outcomes
          test/no-topic:
            type: kafka
            topic: topic-that-is-not-there
            replies: outcomes-that-are-not-there
          test/no-brokers:
            type: kafka
            bootstrap: 127.0.0.1:%2$d
            topic: deployer-commands
            replies: deployer-outcomes
          test/no-security:
            type: kafka
            bootstrap: 127.0.0.1:%2$d
            security: not-there.properties
            topic: sealed-commands
            replies: sealed-outcomes
          test/provided:
            type: http
            method: POST
            url: http://localhost:%1$d/ok
            hosts: [localhost]
            allowPrivate: true
            credential: {provided: bank, member: token, as: header, header: X-Api-Key}
          test/provided-nothing:
            type: http
            method: POST
            url: http://localhost:%1$d/ok
            hosts: [localhost]
            allowPrivate: true
            credential: {provided: nobody, as: bearer}
          test/elsewhere:
            type: delegated
          test/guarded-elsewhere:
            type: delegated
            requires: {votes: 1}
          test/forgotten:
            type: delegated
            report: PT1S
        """
            .formatted(port, closedPort));
    yaml.append(watching(port, closedPort));
    return yaml.toString();
  }

  private static String watching(int port, int closedPort) {
    String url = "url: 'http://localhost:" + port + "/resources/${params.resource}";
    String read = url + "'";
    StringBuilder yaml = new StringBuilder();
    yaml.append(
        watching(
            "many",
            port,
            "/ok",
            "{label: Rows, %1$s, pointer: /rows}, {label: Owner, %1$s, pointer: /owner},"
                    .formatted(read)
                + " {label: State, %s, expression: \"body.owner.team + (body.rows < 8 ? ', few' : ', many')\"},"
                    .formatted(read)
                + " {label: Whole, %s, etag: true}".formatted(read)));
    String rows = "{label: Rows, " + read + ", pointer: /rows}";
    yaml.append(watching("rows", port, "/ok", rows));
    yaml.append(watching("again", port, "/ok", rows)).append("    idempotent: true\n");
    for (String way : List.of("slow", "redirect", "big")) {
      yaml.append(
          watching(
              way,
              port,
              "/ok",
              "{label: It, url: 'http://localhost:%d/%s', pointer: /rows, timeout: PT5S}"
                  .formatted(port, way)));
    }
    yaml.append(
        watching(
            "slow-too",
            port,
            "/ok",
            "{label: It, url: 'http://localhost:%d/slow', pointer: /rows, timeout: PT5S}"
                .formatted(port)));
    yaml.append(
        watching(
            "hung",
            port,
            "/ok",
            "{label: Rows, %s, pointer: /rows, timeout: PT2S}"
                .formatted(read.replace("/resources/", "/hung/"))));
    yaml.append(watching("weak", port, "/ok", "{label: It, " + url + "?weak', etag: true}"));
    yaml.append(
        watching("private", port, "/ok", "{label: It, " + read + ", pointer: /rows}")
            .replace("    allowPrivate: true\n    credential: {file: target, as: bearer}\n", ""));
    yaml.append(
        watching(
            "closed",
            port,
            "/ok",
            "{label: It, url: 'http://localhost:%d/', pointer: /rows}".formatted(closedPort)));
    yaml.append(watching("absent", port, "/ok", "{label: It, " + url + "x', pointer: /rows}"));
    yaml.append(
        watching(
            "absent-is-fine",
            port,
            "/ok",
            "{label: It, " + read + ", expression: \"status == 404 ? 'absent' : 'there'\"}"));
    yaml.append(
        watching(
            "compared",
            port,
            "/compared/${params.resource}",
            "{label: It, " + read + ", etag: true, ifMatch: true}"));
    yaml.append(connector("watched/blind", port, "/ok", "").replace("${params.amount}", "1"));
    yaml.append("  watched/elsewhere:\n    type: delegated\n");
    return yaml.toString();
  }

  private static String watching(String tool, int port, String path, String preconditions) {
    return """
      watched/%s:
        type: http
        method: POST
        url: http://localhost:%d%s
        hosts: [localhost]
        allowPrivate: true
        credential: {file: target, as: bearer}
        preconditions: [%s]
    """
        .formatted(tool, port, path, preconditions);
  }

  private static String connector(String tool, int port, String path, String more) {
    return """
      %s:
        type: http
        method: POST
        url: http://localhost:%d%s
        hosts: [localhost]
        allowPrivate: true
        credential: {file: target, as: bearer}
        body:
          amount: ${params.amount}
          recipient: ${params.recipient?}
          text: "to ${params.amount}!"
    """
            .formatted(tool, port, path)
        + more;
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    switch (path) {
      case "/jwks.json" -> answer(exchange, 200, GrantSigner.ticketService().jwks());
      // Grants that name no digest of their tool go through all the same.
      case "/v1/catalogue" ->
          answer(
              exchange,
              200,
              """
              {"tools": {"test/elsewhere": "%s", "odd/refund": "%s", "odd/gone": "%s"},
               "pins": {"odd/refund": "%s", "odd/gone": "%s"}}
              """
                  .formatted(ELSEWHERE, GATED, GATED, PIN, PIN));
      case "/calls" -> answer(exchange, 200, calls(exchange.getRequestURI().getQuery()).toString());
      default -> {
        if (exchange.getRequestMethod().equals("PUT")) {
          change(exchange, path);
        } else if (path.startsWith("/resources/")) {
          showWatched(exchange, path.substring("/resources/".length()));
        } else if (path.startsWith("/hung/")) {
          hang(exchange, path.substring("/hung/".length()));
        } else if (path.startsWith("/compared/")) {
          take(exchange, comparison(exchange, path.substring("/compared/".length())));
        } else {
          take(exchange, path);
        }
      }
    }
  }

  private void change(HttpExchange exchange, String path) throws IOException {
    String[] parts = path.substring(1).split("/", -1);
    if (parts[0].equals("release")) {
      hanging(parts[1]).countDown();
    } else if (parts[0].equals("change-after")) {
      watched.computeIfPresent(
          parts[2], (_, now) -> new Watched(now.body, now.version, Integer.parseInt(parts[1])));
    } else {
      String body;
      try (InputStream in = exchange.getRequestBody()) {
        body = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
      watched.compute(
          parts[1],
          (_, now) ->
              body.isEmpty() ? null : new Watched(body, now == null ? 1 : now.version + 1, -1));
    }
    answer(exchange, 200, "{}");
  }

  /// Answers nothing until the test has it go on; counted as a call.
  private void hang(HttpExchange exchange, String name) throws IOException {
    calls.add(new Call(name, JsonNodeFactory.instance.objectNode()));
    try {
      hanging(name).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    showWatched(exchange, name);
  }

  private CountDownLatch hanging(String name) {
    return hanging.computeIfAbsent(name, _ -> new CountDownLatch(1));
  }

  private void showWatched(HttpExchange exchange, String name) throws IOException {
    if (!"Bearer s3cret-of-the-target"
        .equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      answer(exchange, 401, "");
      return;
    }
    Watched now = watched.get(name);
    if (now == null) {
      answer(exchange, 404, "{}");
      return;
    }
    boolean weak = "weak".equals(exchange.getRequestURI().getQuery());
    exchange.getResponseHeaders().set("ETag", weak ? "W/" + now.etag() : now.etag());
    watched.computeIfPresent(name, (_, it) -> it.changeAfter < 0 ? it : it.read());
    answer(exchange, 200, now.body);
  }

  /// Where a call goes that is made on a condition (RFC 9110 §13.1.1).
  private String comparison(HttpExchange exchange, String name) {
    Watched now = watched.get(name);
    return now != null && now.etag().equals(exchange.getRequestHeaders().getFirst("If-Match"))
        ? "/ok"
        : "/failed-comparison";
  }

  private ArrayNode calls(@Nullable String key) {
    ArrayNode found = JsonNodeFactory.instance.arrayNode();
    calls.stream().filter(call -> call.key.equals(key)).forEach(call -> found.add(call.what));
    return found;
  }

  private void take(HttpExchange exchange, String path) throws IOException {
    ObjectNode what = JsonNodeFactory.instance.objectNode();
    what.put("uri", exchange.getRequestURI().toString());
    try (InputStream body = exchange.getRequestBody()) {
      what.put("body", new String(body.readAllBytes(), StandardCharsets.UTF_8));
    }
    ObjectNode headers = what.putObject("headers");
    exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
    calls.add(
        new Call(String.valueOf(exchange.getRequestHeaders().getFirst("Idempotency-Key")), what));
    switch (path) {
      case "/slow" -> {
        // Answers only when the client has gone away.
        awaitEnd(exchange);
      }
      case "/cut" -> exchange.close();
      case "/half" -> {
        exchange.sendResponseHeaders(200, 1000);
        exchange.getResponseBody().write(new byte[10]);
        exchange.getResponseBody().flush();
        exchange.close();
      }
      case "/error" -> answer(exchange, 500, "{\"stack\": \"secret\"}");
      case "/gateway" -> answer(exchange, 504, "");
      case "/failed-comparison" -> answer(exchange, 412, "");
      case "/teapot" -> answer(exchange, 418, "short and stout");
      case "/redirect" -> {
        exchange.getResponseHeaders().set("Location", "http://127.0.0.1/elsewhere");
        answer(exchange, 302, "");
      }
      case "/big" -> {
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
          byte[] chunk = new byte[64 * 1024];
          for (int i = 0; i < 64; i++) {
            out.write(chunk);
          }
        } catch (IOException e) {
          exchange.close();
        }
      }
      case "/receipt" -> {
        exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
        answer(exchange, 201, "{\"receipt\": \"R-1\"}");
      }
      case "/page" -> {
        exchange.getResponseHeaders().set("Content-Type", "image/svg");
        answer(exchange, 500, "<svg/>");
      }
      case "/large" -> answer(exchange, 200, "x".repeat(64 * 1024 + 1));
      default -> answer(exchange, 200, "{\"done\": true}");
    }
  }

  private static void awaitEnd(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      while (true) {
        out.write(' ');
        out.flush();
        pause();
      }
    } catch (IOException e) {
      exchange.close();
    }
  }

  private static void pause() {
    try {
      // A target that drips: time is what this one is about.
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void answer(HttpExchange exchange, int code, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private static void speakNoHttp(ServerSocket socket) {
    while (!socket.isClosed()) {
      try (Socket peer = socket.accept()) {
        peer.getInputStream().read(new byte[64 * 1024]);
        peer.getOutputStream()
            .write("what is it you want?\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      } catch (SocketException e) {
        System.err.println("peer or socket is gone: " + e.getMessage());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void stop() {
    if (server != null) {
      server.stop(0);
    }
    try {
      if (garbage != null) {
        garbage.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (threads != null) {
      threads.shutdownNow();
    }
    if (upstream != null) {
      upstream.close();
    }
  }
}
