package dev.countersign.executor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// The systems outside: a target that counts its calls and misbehaves on request, one that does not
/// speak HTTP, and the ticket service's key set; with the operator's files that lead there.
///
/// It lives in another class loader than the tests, which ask it over HTTP: `GET /calls?<key>`.
public final class Outside implements QuarkusTestResourceLifecycleManager {

  private record Call(String key, ObjectNode what) {}

  private final List<Call> calls = new CopyOnWriteArrayList<>();
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
      UpstreamServers servers = UpstreamServers.start().orElse(null);
      upstream = servers;
      Files.writeString(
          folder.resolve("connectors.yaml"),
          connectors(port, raw.getLocalPort(), closedPort())
              + (servers == null ? "" : servers.connectors(port)));
      Path credentials = Files.createDirectory(folder.resolve("credentials"));
      Files.writeString(credentials.resolve("target"), "s3cret-of-the-target\n");
      Files.writeString(credentials.resolve("client"), UpstreamServers.CLIENT_SECRET);
      return Map.of(
          "countersign.config",
          folder.toString(),
          "countersign.credentials",
          credentials.toString(),
          "countersign.grant.jwks",
          "http://127.0.0.1:" + port + "/jwks.json",
          "countersign.executor.lease",
          "PT5S",
          "countersign.executor.sweep",
          "PT0.2S",
          "test.target",
          "http://127.0.0.1:" + port,
          "test.upstream",
          servers == null ? "none" : servers.address());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String connectors(int port, int garbagePort, int closedPort) {
    StringBuilder yaml = new StringBuilder("connectors:\n");
    for (String way :
        List.of("ok", "slow", "cut", "half", "error", "gateway", "redirect", "big", "teapot")) {
      yaml.append(connector("test/" + way, port, "/" + way, "    timeout: PT1S\n"));
    }
    yaml.append(connector("test/closed", closedPort, "/", ""));
    yaml.append(connector("test/garbage", garbagePort, "/", ""));
    yaml.append(connector("test/again", port, "/ok", "    idempotent: true\n"));
    yaml.append(
        connector("test/guarded", port, "/ok", "    requires: {votes: 2, assurance: code}\n"));
    yaml.append(connector("test/sealed", port, "/ok", "    requires: {assurance: passkey}\n"));
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
    return yaml.toString();
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
      case "/calls" -> answer(exchange, 200, calls(exchange.getRequestURI().getQuery()).toString());
      default -> take(exchange, path);
    }
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
