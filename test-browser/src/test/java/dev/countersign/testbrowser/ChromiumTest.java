package dev.countersign.testbrowser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The test bed notices what it is there to notice.
@SuppressWarnings("NullAway.Init") // started before all
class ChromiumTest {

  private static final String CSP =
      "default-src 'none'; script-src 'self'; style-src 'self'; require-trusted-types-for 'script'";
  private static final Map<String, String> PAGES =
      Map.of(
          "/good",
          "<!doctype html><html lang=en><meta name=viewport content='width=device-width'>"
              + "<title>Good</title><main><h1>Good</h1></main></html>",
          "/barrier",
          "<!doctype html><html lang=en><title>Bad</title><main><h1>Bad</h1><input></main></html>",
          "/inline",
          "<!doctype html><html lang=en><title>Bad</title><main><script>1</script></main></html>",
          "/throws",
          "<!doctype html><html lang=en><title>Bad</title><script src=/throws.js></script></html>",
          "/missing",
          "<!doctype html><html lang=en><title>Bad</title><script src=/missing.js></script></html>",
          "/throws.js",
          "document.body.innerHTML = '<b>markup</b>'");

  private static HttpServer server;

  @BeforeAll
  static void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          String page = PAGES.get(path);
          String language = exchange.getRequestHeaders().getFirst("Accept-Language");
          byte[] body =
              (page == null ? "none" : page.replace("Good", "Good " + language))
                  .getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Security-Policy", CSP);
          exchange
              .getResponseHeaders()
              .add("Content-Type", path.endsWith(".js") ? "text/javascript" : "text/html");
          exchange.sendResponseHeaders(page == null ? 404 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterAll
  static void stop() {
    server.stop(0);
  }

  @Test
  void aPageWithoutFaultPassesUnderAStrictPolicy() {
    try (Chromium chromium = Chromium.open(Screen.PHONE)) {
      chromium.in(Locale.GERMAN).in(Theme.DARK).go(page("/good"));
      chromium.awaitText("Good de");
      assertEquals(List.of(), chromium.barriers());
      assertEquals(390L, chromium.driver().executeScript("return innerWidth"));
      assertEquals(
          true,
          chromium
              .driver()
              .executeScript("return matchMedia('(prefers-color-scheme: dark)').matches"));
      assertTrue(chromium.weight() > 50, "its bytes are counted");
      chromium.screenshot("good");
      assertTrue(Files.exists(Path.of("target/screenshots/good.png")));
      // The status of a page is for the test to judge.
      chromium.go(page("/nowhere"));
    }
  }

  @Test
  void whatAxeOrTheConsoleFindsFailsTheTest() {
    try (Chromium chromium = Chromium.open(Screen.DESK)) {
      chromium.go(page("/barrier"));
      assertTrue(chromium.barriers().getFirst().startsWith("label: "), "an input without a label");
      for (String bad : new String[] {"/inline", "/throws", "/missing"}) {
        chromium.go(page(bad));
        assertFalse(chromium.complaints().isEmpty(), bad);
      }
    }
    Chromium careless = Chromium.open(Screen.DESK);
    careless.go(page("/inline"));
    assertThrows(AssertionError.class, careless::close);
  }

  @Test
  void aSlowNetworkIsSlow() {
    try (Chromium chromium = Chromium.open(Screen.PHONE)) {
      chromium.delayedBy(Duration.ofSeconds(1));
      long begun = System.nanoTime();
      chromium.go(page("/good"));
      assertTrue(System.nanoTime() - begun >= Duration.ofSeconds(1).toNanos());
    }
  }

  private static URI page(String path) {
    return URI.create("http://localhost:" + server.getAddress().getPort() + path);
  }
}
