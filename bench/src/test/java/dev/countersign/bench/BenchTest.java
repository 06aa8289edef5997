package dev.countersign.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.demo.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import org.junit.jupiter.api.Test;

class BenchTest {

  @Test
  void aPhaseOfNothingIsRefused() {
    String[] arguments = {"20", "0"};

    assertEquals(20, Bench.size(arguments, 0, "ALLOWED", 1, 7));
    assertEquals(7, Bench.size(arguments, 2, "VOTES", 1, 7));
    var refused =
        assertThrows(
            IllegalArgumentException.class, () -> Bench.size(arguments, 1, "TICKETS", 1, 7));
    assertEquals("TICKETS is 0; it must be at least 1", refused.getMessage());
  }

  @Test
  void aLogWithoutACheckpointIsEmptyAndOneThatFailsIsNot() throws IOException {
    int[] status = {404};
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/checkpoint",
        exchange -> {
          exchange.sendResponseHeaders(status[0], -1);
          exchange.close();
        });
    server.start();
    try {
      URI audit = URI.create("http://localhost:" + server.getAddress().getPort());
      assertEquals(0, LogBench.size(new Json(), audit));
      status[0] = 503;
      assertThrows(IllegalStateException.class, () -> LogBench.size(new Json(), audit));
    } finally {
      server.stop(0);
    }
  }
}
