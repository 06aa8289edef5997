package dev.countersign.gateway;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.events.ActionId;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.NullMarked;

/// Answers where the executor's door is, in its words: what they are, the executor's own tests say.
@NullMarked
public final class ExecutorOfTheTest implements QuarkusTestResourceLifecycleManager {

  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Answer(int status, String contentType, byte[] body) {}

  // The instance is made in another class loader than the tests, which share this through Shelf.
  @SuppressWarnings("NullAway.Init") // start comes first
  private HttpServer server;

  /// What is kept there.
  public static final class Shelf {
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();

    public void put(ActionId id, int status, String contentType, byte[] body) {
      answers.put("/v1/executions/" + id + "/response", new Answer(status, contentType, body));
    }
  }

  private final Shelf shelf = new Shelf();

  @Override
  public Map<String, String> start() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext(
        "/",
        exchange -> {
          Answer answer = shelf.answers.get(exchange.getRequestURI().getPath());
          if (answer == null) {
            answer = new Answer(404, "application/problem+json", new byte[] {'{', '}'});
          }
          try (exchange) {
            exchange.getResponseHeaders().set("content-type", answer.contentType);
            exchange.sendResponseHeaders(answer.status, answer.body.length);
            exchange.getResponseBody().write(answer.body);
          }
        });
    server.start();
    return Map.of("countersign.executor.url", "http://localhost:" + server.getAddress().getPort());
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(shelf, new TestInjector.MatchesType(Shelf.class));
  }

  @Override
  public void stop() {
    server.stop(0);
  }
}
