package dev.countersign.audit.outbound;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// The ticket service's keys while it is there, and while it is away.
class FetchedKeysTest {

  @Test
  void withoutAnyKeysNothingIsSaidAndThoseThatWereFetchedStay() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] none = "{\"keys\":[]}".getBytes(UTF_8);
          exchange.sendResponseHeaders(200, none.length);
          exchange.getResponseBody().write(none);
          exchange.close();
        });
    server.start();
    URI location = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    FetchedKeys keys = new FetchedKeys(location, Duration.ZERO);
    assertEquals("{\"keys\":[]}", keys.mustKnow().toString());
    server.stop(0);

    assertEquals("{\"keys\":[]}", keys.mustKnow().toString());
    assertThrows(IOException.class, () -> new FetchedKeys(location, Duration.ZERO).mustKnow());
  }
}
