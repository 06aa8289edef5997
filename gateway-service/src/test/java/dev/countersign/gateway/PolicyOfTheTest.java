package dev.countersign.gateway;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.events.Verdict;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.NullMarked;

/// Answers where the policy's door is, in its words: what they are, the policy's own tests say.
@NullMarked
public final class PolicyOfTheTest implements QuarkusTestResourceLifecycleManager {

  @SuppressWarnings("NullAway.Init") // start comes first
  private HttpServer server;

  /// What it says of the proposals of each tool; 503 of others.
  public static final class Rules {
    private final Map<String, Function<Samples, Verdict>> verdicts = new ConcurrentHashMap<>();

    public void put(String tool, Function<Samples, Verdict> verdict) {
      verdicts.put(tool, verdict);
    }
  }

  private final Rules rules = new Rules();

  @Override
  public Map<String, String> start() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext(
        "/v1/evaluate",
        exchange -> {
          try (exchange) {
            ActionProposed proposal = ActionProposed.read(exchange.getRequestBody().readAllBytes());
            Function<Samples, Verdict> verdict = rules.verdicts.get(proposal.tool().name());
            byte[] body =
                verdict == null
                    ? new byte[] {'{', '}'}
                    : EventJson.write(verdict.apply(new Samples(proposal.actionId(), proposal)));
            exchange.getResponseHeaders().set("content-type", "application/json");
            exchange.sendResponseHeaders(verdict == null ? 503 : 200, body.length);
            exchange.getResponseBody().write(body);
          } catch (Bounds.OutOfBounds e) {
            throw new IOException(e);
          }
        });
    server.start();
    return Map.of("countersign.policy.url", "http://localhost:" + server.getAddress().getPort());
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(rules, new TestInjector.MatchesType(Rules.class));
  }

  @Override
  public void stop() {
    server.stop(0);
  }
}
