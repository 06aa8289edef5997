package dev.countersign.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The operator's side of agents' keys, against a server that says what the gateway says.
class KeyingTest {

  private static final String KEY = "csk_" + "A".repeat(43);

  private final List<String> asked = new ArrayList<>();
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private HttpServer server;

  @BeforeEach
  void start() {
    server = LocalHttp.start(0, this::answer);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    asked.add(line + " " + body);
    if (!"Bearer secret".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      LocalHttp.answer(exchange, 401, "application/problem+json", "{\"detail\": \"not you\"}");
    } else if (line.startsWith("GET ")) {
      LocalHttp.answer(
          exchange,
          200,
          "application/json",
          """
          {"keys": [
            {"id": "0123456789ab", "agent": "billing-bot", "platform": "acme", "toolsets": ["crm"],
             "expiresAt": "2027-01-01T00:00:00Z", "revokedAt": "2026-12-01T00:00:00Z"},
            {"id": "ba9876543210", "agent": "billing-bot", "expiresAt": "2027-01-01T00:00:00Z"}]}
          """);
    } else if (line.endsWith("/revoke")) {
      LocalHttp.answer(exchange, 204, "application/json", "");
    } else {
      LocalHttp.answer(
          exchange,
          201,
          "application/json",
          "{\"id\": \"0123456789ab\", \"key\": \""
              + KEY
              + "\", \"agent\": \"billing-bot\", \"expiresAt\": \"2027-01-01T00:00:00Z\"}");
    }
  }

  private Keying keying(String secret) {
    URI gateway = URI.create("http://localhost:" + server.getAddress().getPort());
    return new Keying(
        new JsonDoor("the gateway", () -> gateway, secret),
        new PrintStream(printed, true, StandardCharsets.UTF_8));
  }

  private String printed() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aKeyStandsAloneOnTheLastLine() throws Exception {
    assertEquals(
        0,
        keying("secret")
            .make(List.of("billing-bot", "--toolsets", "payments,crm", "--days", "30")));
    assertEquals(KEY, printed().strip().lines().toList().getLast());
    assertEquals(
        "POST /v1/operator/agent-keys"
            + " {\"toolsets\":[\"payments\",\"crm\"],\"valid\":\"P30D\",\"agent\":\"billing-bot\"}",
        asked.getFirst());
  }

  @Test
  void aListSaysWhatEachIsGoodForAndWhichIsOver() throws Exception {
    assertEquals(0, keying("secret").list(List.of("billing-bot")));
    List<String> lines = printed().lines().toList();
    assertEquals("GET /v1/operator/agent-keys?agent=billing-bot ", asked.getFirst());
    assertTrue(lines.getFirst().contains("of acme, toolsets crm"), printed());
    assertTrue(lines.getFirst().endsWith("revoked 2026-12-01T00:00:00Z"), printed());
    assertTrue(lines.get(1).contains("all toolsets"), printed());
  }

  @Test
  void revokingNamesOneKey() throws Exception {
    assertEquals(0, keying("secret").revoke(List.of("0123456789ab")));
    assertEquals("POST /v1/operator/agent-keys/0123456789ab/revoke {}", asked.getFirst());
    assertThrows(StartRefused.class, () -> keying("secret").revoke(List.of(KEY)));
  }

  @Test
  void whatIsMissingOrMeansNothingIsSaid() {
    for (List<String> bad :
        List.of(
            List.<String>of(),
            List.of("a", "b"),
            List.of("a", "--days"),
            List.of("a", "--days", "0"),
            List.of("a", "--forever", "yes"))) {
      assertThrows(StartRefused.class, () -> keying("secret").make(bad), bad::toString);
    }
    assertEquals(List.of(), asked);
    StartRefused refused =
        assertThrows(StartRefused.class, () -> keying("other").make(List.of("a")));
    assertEquals("not you", refused.getMessage());
  }
}
