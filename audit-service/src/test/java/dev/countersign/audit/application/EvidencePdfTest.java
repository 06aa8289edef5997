package dev.countersign.audit.application;

import static dev.countersign.audit.application.TestRecords.append;
import static dev.countersign.audit.application.TestRecords.event;
import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.testservers.Servers;
import dev.countersign.tlog.Hash;
import dev.countersign.verifier.Verify;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import javax.imageio.ImageIO;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.common.filespecification.PDComplexFileSpecification;
import org.apache.pdfbox.rendering.PDFRenderer;
import org.apache.pdfbox.text.PDFTextStripper;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = TestTicketKeys.class, scope = TestResourceScope.GLOBAL)
class EvidencePdfTest {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Path LOOKED_AT = Path.of("target/pdf");

  @Inject AppendToLog log;

  @ConfigProperty(name = TestTicketKeys.KEY)
  String ticketKey;

  @TempDir Path folder;

  @Test
  void theFirstPageSaysInOneSentenceWhatHappened() throws IOException {
    TestAction action = approved("Pay invoice 4711");
    try (PDDocument pdf = pdf(action.id, "en")) {
      save(pdf, "approved");
      String first = text(pdf, 1, 1).replaceAll("\\s+", " ");
      assertTrue(
          first.contains(
              "alice@acme.example approved “Send EUR 48,200.00” (ACME GmbH, DE89 3704 0044 0532"
                  + " 0130 00) at 2026-11-26 10:01:00, by a mailed code; approved with that at"
                  + " 2026-11-26 10:01:01; it was carried out and succeeded at 2026-11-26"
                  + " 10:01:10."),
          first);
      assertTrue(first.contains("Verified when this was made"), first);
      assertTrue(first.contains("./countersign verify evidence-" + action.id), first);
      assertFalse(first.contains("NOT VERIFIED"), first);
      String all = text(pdf, 1, pdf.getNumberOfPages()).replaceAll("\\s+", " ");
      for (String part :
          List.of(
              "The money leaves the house account today",
              "The agent’s own words. Nobody has checked them. Summary: Pay invoice 4711",
              "From 10,000 EUR on, finance agrees (large-transfers)",
              "1 of finance",
              "48200",
              "transfer accepted",
              "countersign.local/audit",
              "page 1 of " + pdf.getNumberOfPages(),
              "attestations · attestation-key")) {
        assertTrue(all.contains(part), part + " in " + all);
      }
      JsonNode entry = EventJson.readTree(attached(pdf, action.id)).path("entries").path(3);
      byte[] leaf = Base64.getDecoder().decode(entry.path("leaf").textValue());
      assertTrue(all.replace(" ", "").contains(Hash.ofLeaf(leaf).hex()), "its leaf's hash");
    }
  }

  @Test
  void theFileThatIsAttachedIsVerifiedByTheCommand() throws IOException {
    TestAction action = approved("Pay invoice 4712");
    try (PDDocument pdf = pdf(action.id, "en")) {
      Path file = Files.write(folder.resolve("evidence.json"), attached(pdf, action.id));
      Path log = Files.write(folder.resolve("vkey"), given().get("/vkey").asByteArray());
      JsonNode jwks = EventJson.readTree(Files.readAllBytes(file)).at("/keys/jwks");
      Path keys = Files.write(folder.resolve("jwks.json"), EventJson.write(jwks));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8)) {
        List<String> arguments =
            List.of(file.toString(), "--log", log.toString(), "--keys", keys.toString());
        assertEquals(
            0, Verify.run(arguments, Map.of(), print, print), out.toString(StandardCharsets.UTF_8));
      }
    }
  }

  @Test
  void nothingThatTheAgentSaysHidesOrIsLeftOut() throws IOException {
    TestAction action = approved("pay \u202Elive\u200B 张 \u05D0 \uD83D\uDCB8\nAPPROVED BY ALICE");
    try (PDDocument pdf = pdf(action.id, "en")) {
      save(pdf, "hostile");
      String all = text(pdf, 1, pdf.getNumberOfPages()).replaceAll("\\s+", " ");
      assertTrue(all.contains("pay U+202EliveU+200B U+5F20 \u05D0 U+1F4B8"), all);
      assertTrue(
          all.indexOf("The agent’s own words") < all.indexOf("APPROVED BY ALICE"),
          "what looks like ours stands in the fence");
    }
  }

  @Test
  void whatIsNotVerifiedSaysSoOnTheFirstPageAndOnEveryOther() throws IOException {
    ActionId id = new ActionId(UUID.randomUUID());
    append(
        log,
        List.of(
            event(
                Topics.EXECUTION,
                id,
                "{\"actionId\":\""
                    + id
                    + "\",\"at\":\"2026-11-26T10:00:00Z\",\"status\":\"succeeded\",\"attempt\":1,"
                    + "\"actionDigest\":\"sha256:"
                    + "0".repeat(64)
                    + "\",\"result\":{\"code\":\"200\",\"summary\":\"mallory\"}}")));
    try (PDDocument pdf = pdf(id, "en")) {
      save(pdf, "wrong");
      String all = text(pdf, 1, pdf.getNumberOfPages()).replaceAll("\\s+", " ");
      assertTrue(all.contains("NOT VERIFIED. Do not rely on this document. entry "), all);
      assertTrue(all.contains("nothing in the log proves a permission"), all);
      assertTrue(all.contains("NOT VERIFIED · Countersign"), all);
      assertFalse(all.contains("mallory"), all);
    }
  }

  @Test
  void whatNobodySignedIsNamedAndNotDrawn() throws IOException {
    TestAction action = approved("Pay invoice 4713");
    append(
        log,
        List.of(
            event(
                Topics.VOTE_RECORDED,
                action.id,
                "{\"actionId\":\""
                    + action.id
                    + "\",\"at\":\"2026-11-26T10:00:00Z\",\"approver\":\"mallory\","
                    + "\"answer\":\"reject\",\"assurance\":\"code\",\"votesSoFar\":1,\"quorum\":1}")));
    try (PDDocument pdf = pdf(action.id, "en")) {
      String all = text(pdf, 1, pdf.getNumberOfPages()).replaceAll("\\s+", " ");
      assertTrue(all.contains("Verified when this was made"), all);
      assertTrue(all.contains("Not authenticated, and ignored: entry "), all);
      assertFalse(all.contains("mallory"), all);
    }
  }

  @Test
  void germanReadersReadGerman() throws IOException {
    TestAction action = approved("Rechnung 4711");
    try (PDDocument pdf = pdf(action.id, "de-AT,de;q=0.9")) {
      save(pdf, "deutsch");
      String first = text(pdf, 1, 1).replaceAll("\\s+", " ");
      assertTrue(first.contains("alice@acme.example hat „Send EUR 48,200.00“"), first);
      assertTrue(first.contains("es wurde ausgeführt und gelang am 2026-11-26 10:01:10."), first);
    }
  }

  @Test
  void whatIsUnknownIsAProblem() {
    assertEquals(404, given().get("/v1/evidence/" + UUID.randomUUID() + ".pdf").statusCode());
    assertEquals(400, given().get("/v1/evidence/nonsense.pdf").statusCode());
  }

  private TestAction approved(String says) {
    TestAction action = new TestAction(ticketKey, says);
    action.records().forEach(each -> append(log, List.of(each)));
    // Its attestation's leaf follows the log.
    await()
        .atMost(SOON)
        .until(
            () -> given().get("/v1/evidence/" + action.id).asByteArray(),
            json -> EventJson.readTree(json).path("bundles").size() == 1);
    return action;
  }

  private static PDDocument pdf(ActionId id, String language) throws IOException {
    Response response =
        given().header("Accept-Language", language).get("/v1/evidence/" + id + ".pdf");
    assertEquals(200, response.statusCode(), () -> response.asString());
    assertEquals("application/pdf", response.contentType());
    return Loader.loadPDF(response.asByteArray());
  }

  private static String text(PDDocument pdf, int from, int to) throws IOException {
    PDFTextStripper stripper = new PDFTextStripper();
    stripper.setStartPage(from);
    stripper.setEndPage(to);
    return stripper.getText(pdf);
  }

  private static byte[] attached(PDDocument pdf, ActionId id) throws IOException {
    PDComplexFileSpecification file =
        Objects.requireNonNull(
            pdf.getDocumentCatalog()
                .getNames()
                .getEmbeddedFiles()
                .getNames()
                .get("evidence-" + id + ".json"));
    return file.getEmbeddedFileUnicode().toByteArray();
  }

  /// To be looked at.
  private static void save(PDDocument pdf, String name) throws IOException {
    Files.createDirectories(LOOKED_AT);
    PDFRenderer renderer = new PDFRenderer(pdf);
    for (int i = 0; i < pdf.getNumberOfPages(); i++) {
      ImageIO.write(
          renderer.renderImageWithDPI(i, 80),
          "png",
          LOOKED_AT.resolve(name + "-" + (i + 1) + ".png").toFile());
    }
  }
}
