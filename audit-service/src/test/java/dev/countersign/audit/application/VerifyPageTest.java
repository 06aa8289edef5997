package dev.countersign.audit.application;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import dev.countersign.testbrowser.Chromium;
import dev.countersign.testbrowser.Screen;
import dev.countersign.testbrowser.Theme;
import dev.countersign.testservers.Announced;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = TestTicketKeys.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // Quarkus sets the fields
class VerifyPageTest {

  private static final Duration SOON = Duration.ofSeconds(30);

  @Inject AppendToLog log;
  @TestHTTPResource URI address;

  @ConfigProperty(name = TestTicketKeys.KEY)
  String ticketKey;

  @TempDir Path folder;

  @Test
  void aFileThatHoldsIsVerifiedByTheKeysOfTheService() {
    Response page = post(evidence(), "en");
    assertEquals(200, page.statusCode());
    String html = page.asString();
    assertTrue(html.contains("<h2 id=\"word\">Verified</h2>"), html);
    assertTrue(html.contains("alice@acme.example approved “Send EUR 48,200.00”"), html);
    assertTrue(html.contains("attestation-key"), html);
    assertTrue(page.header("Content-Security-Policy").contains("default-src 'none'"));
    assertFalse(page.header("Content-Security-Policy").contains("script"));
    assertEquals("no-store", page.header("Cache-Control"));
  }

  @Test
  void aFileWithOneByteChangedIsNot() {
    String evidence = new String(evidence(), UTF_8);
    String changed = evidence.replace("\"answer\":\"approve\"", "\"answer\":\"reject\"");
    assertFalse(changed.equals(evidence));
    String html = post(changed.getBytes(UTF_8), "en").asString();
    assertTrue(html.contains("<h2 id=\"word\">Not verified</h2>"), html);
    assertTrue(html.contains("the event shown is not the payload that was logged"), html);
  }

  @Test
  void whatIsNoEvidenceIsNoJudgementAndNothingOfItIsMarkup() {
    byte[] file = "<script>alert(1)</script>".getBytes(UTF_8);
    String html =
        given()
            .header("Accept-Language", "de")
            .multiPart("file", "<img src=x>\u202Egnp.json", file, "application/json")
            .post("/verify")
            .asString();
    assertTrue(html.contains("Ließ sich nicht prüfen"), html);
    assertFalse(html.contains("<script>"), html);
    assertFalse(html.contains("<img"), html);
    assertFalse(html.contains("\u202E"), html);
  }

  @Test
  void noFileAndOneThatIsTooLargeAreRefused() throws Exception {
    Response none = given().multiPart("file", "", new byte[0], "text/plain").post("/verify");
    assertEquals(400, none.statusCode());
    assertTrue(none.asString().contains("No file was chosen."), none.asString());
    assertTooLarge("/verify", "multipart/form-data; boundary=large", 16 * 1024 * 1024);
    assertTooLarge("/verify/", "multipart/form-data; boundary=large", 16 * 1024 * 1024);
  }

  @Test
  void whatNobodyProvesThemselfForIsShort() throws Exception {
    assertTooLarge("/v1/operator/erasures", "application/json", 16 * 1024);
    HttpResponse<String> unannounced =
        Announced.postUnannounced(
            address.resolve("/v1/operator/erasures"),
            "application/json",
            ("{\"person\": \"" + "x".repeat(20_000) + "\"}").getBytes(UTF_8));
    assertTooLarge(unannounced, 16 * 1024);
  }

  private void assertTooLarge(String path, String contentType, int most) throws Exception {
    HttpResponse<String> answer = Announced.post(address.resolve(path), contentType, most + 1);
    assertTooLarge(answer, most);
  }

  private static void assertTooLarge(HttpResponse<String> answer, int most) {
    assertEquals(413, answer.statusCode());
    JsonNode problem = EventJson.readTree(answer.body().getBytes(UTF_8));
    assertEquals("urn:countersign:problem:too-large", problem.path("type").asText());
    assertTrue(problem.path("detail").asText().contains("t most " + most), answer::body);
  }

  @Test
  void thePageFitsEveryScreenAndLanguageAndHasNoBarrier() throws IOException {
    Path good = Files.write(folder.resolve("evidence.json"), evidence());
    Path bad =
        Files.writeString(
            folder.resolve("changed.json"), Files.readString(good).replace("alice", "mallory"));
    try (Chromium browser = Chromium.open(Screen.DESK)) {
      look(browser, good, "verified", Locale.ENGLISH);
      look(browser, bad, "changed", Locale.GERMAN);
    }
  }

  private void look(Chromium browser, Path file, String name, Locale language) {
    for (Screen screen : Screen.values()) {
      for (Theme theme : Theme.values()) {
        browser.on(screen).in(language).in(theme);
        browser.go(address.resolve("/verify"));
        assertTrue(browser.fits(), screen + " " + theme);
        assertEquals(List.of(), browser.barriers());
        browser.screenshot("verify-" + language + "-" + screen + "-" + theme);
        browser.type("#file", file.toString());
        browser.press("button").awaitText(file.getFileName().toString());
        assertTrue(browser.fits(), screen + " " + theme);
        assertEquals(List.of(), browser.barriers());
        browser.screenshot("verify-" + name + "-" + screen + "-" + theme);
      }
    }
  }

  private byte[] evidence() {
    TestAction action = new TestAction(ticketKey, "Pay invoice 4711");
    action.records().forEach(each -> TestRecords.append(log, List.of(each)));
    return await()
        .atMost(SOON)
        .until(
            () -> given().get("/v1/evidence/" + action.id).asByteArray(),
            json -> EventJson.readTree(json).path("bundles").size() == 1);
  }

  private static Response post(byte[] file, String language) {
    return given()
        .header("Accept-Language", language)
        .multiPart("file", "evidence.json", file, "application/json")
        .post("/verify");
  }
}
