package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.events.Digest;
import dev.countersign.events.Tool;
import dev.countersign.executor.Outside;
import dev.countersign.executor.application.Catalogue;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is made of the catalogue that the policy service publishes, and of its silence.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // before each
class PublishedCatalogueTest {

  private static final Tool TOOL = new Tool("payments", "wire_transfer");
  private static final Digest ONE = Digest.of(new byte[] {1});
  private static final Digest OTHER = Digest.of(new byte[] {2});

  private final AtomicLong now = new AtomicLong();
  private final AtomicInteger asked = new AtomicInteger();
  private HttpServer server;
  private PublishedCatalogue catalogue;
  private volatile IntFunction<String> says = _ -> saying(ONE);

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/catalogue",
        exchange -> {
          byte[] body = says.apply(asked.incrementAndGet()).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(
              body.length == 0 ? 503 : 200, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    catalogue =
        new PublishedCatalogue(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort()), now::get);
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  private static String saying(Digest digest) {
    return "{\"policyVersion\": \"%s\", \"tools\": {\"%s\": \"%s\"}}".formatted(ONE, TOOL, digest);
  }

  /// The code of the objection, or `none`.
  private String objection(Tool tool, Digest judgedAs) {
    Catalogue.Standing standing =
        catalogue.standing(tool, judgedAs).await().atMost(Duration.ofSeconds(30));
    return switch (standing) {
      case Catalogue.AsJudged _ -> "none";
      case Catalogue.Objection it -> Objects.requireNonNull(it.why().reason()).code();
    };
  }

  @Test
  void aToolThatIsWhatItWasMayRunAndOneAnswerIsGoodForMany() {
    for (int i = 0; i < 20; i++) {
      assertEquals("none", objection(TOOL, ONE));
    }
    assertEquals(1, asked.get());
  }

  @Test
  void aToolThatBecameAnotherOrNoneDoesNotRun() {
    assertEquals("none", objection(TOOL, ONE));
    says = _ -> saying(OTHER);
    assertEquals("catalogue-changed", objection(TOOL, Digest.of(new byte[] {3})));
    assertEquals("catalogue-changed", objection(new Tool("payments", "refund"), ONE));
    assertEquals("none", objection(TOOL, OTHER));
  }

  @Test
  void whatWasJudgedByACatalogueThatOneInstanceHasNotReadYetWaitsForIt() {
    says = times -> saying(times < 3 ? OTHER : ONE);
    assertEquals("none", objection(TOOL, ONE));
    assertEquals(3, asked.get());
  }

  @Test
  void whileThePolicyServiceIsAwayItsLastWordStands() {
    assertEquals("none", objection(TOOL, ONE));
    server.stop(0);
    now.addAndGet(Duration.ofHours(1).toNanos());
    assertEquals("none", objection(TOOL, ONE));
    assertEquals("catalogue-unknown", objection(TOOL, OTHER));
  }

  @Test
  void nothingRunsThatNobodyCanVouchFor() {
    says = _ -> "";
    assertEquals("catalogue-unknown", objection(TOOL, ONE));
    says = _ -> "no JSON";
    assertEquals("catalogue-unknown", objection(TOOL, ONE));
    says = _ -> "{}";
    assertEquals("catalogue-changed", objection(TOOL, ONE));
  }
}
