package dev.countersign.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import dev.countersign.events.Tool;
import dev.countersign.verifier.InvalidGrant;
import dev.countersign.verifier.KeySet;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What all SDKs are tried on, as Java's does, and the system itself.
class VectorsTest {

  private static final Path VECTORS = Path.of("../vectors");

  private static JsonNode read(String name) throws IOException {
    return EventJson.readTree(Files.readAllBytes(VECTORS.resolve(name)));
  }

  private static JsonNode json(String text) {
    return EventJson.readTree(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(JsonNode value) {
    return new String(Canonical.bytes(value), StandardCharsets.UTF_8);
  }

  @Test
  void aValueHasOneSpellingHereAndInTheSystem() throws Exception {
    JsonNode vectors = read("canonical.json");
    for (JsonNode each : vectors.path("numbers")) {
      long bits = HexFormat.fromHexDigitsToLong(each.path("bits").asText());
      JsonNode number = DoubleNode.valueOf(Double.longBitsToDouble(bits));
      assertEquals(each.path("canonical").asText(), text(number));
      assertEquals(each.path("canonical").asText(), dev.countersign.events.Canonical.text(number));
    }
    for (JsonNode each : vectors.path("values")) {
      JsonNode value = json(each.path("json").asText());
      assertEquals(each.path("canonical").asText(), text(value));
      assertEquals(each.path("canonical").asText(), dev.countersign.events.Canonical.text(value));
    }
    for (JsonNode each : vectors.path("refused")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> Canonical.bytes(json(each.path("json").asText())),
          each.path("says").asText());
    }
  }

  @Test
  void bytesThatLookLikeUtf32AndAreNoneAreNoJson() {
    for (String bytes : List.of("0000007b7fffffff", "7b0000007fffff7f", "0000fffe", "7b", "ff")) {
      assertNull(Canonical.read(HexFormat.of().parseHex(bytes)), bytes);
    }
  }

  @Test
  void whatAnApproverWouldSeeOtherwiseThanItIsIsNotSent() {
    for (Object bent :
        List.of(
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Long.MAX_VALUE,
            new BigDecimal("48200.000000000000001"),
            new BigDecimal("1e400"),
            "\ud800",
            new byte[] {1})) {
      assertThrows(
          IllegalArgumentException.class,
          () -> Proposal.of("payments/wire_transfer", Map.of("amount", bent)),
          bent.toString());
    }
    assertEquals(
        json("{\"amount\": 0.1}"),
        Proposal.of("a/b", Map.of("amount", new BigDecimal("0.10"))).parameters());
    assertThrows(IllegalArgumentException.class, () -> Proposal.of("a/b", List.of()));
  }

  /// Where it fails after a change that is meant, the new file is in target/.
  @Test
  void theGrantsThatAllAreTriedOnAreThoseThatAreMadeHere() throws Exception {
    // In ASCII: no editor shows the characters that it holds as what they are.
    byte[] made =
        Canonical.JSON
            .writerWithDefaultPrettyPrinter()
            .with(JsonWriteFeature.ESCAPE_NON_ASCII)
            .writeValueAsBytes(GrantVectors.make());
    Files.write(Path.of("target/grants.json"), made);
    assertEquals(EventJson.readTree(made), read("grants.json"));
  }

  @Test
  void whatTheExecutorTakesForAGrantThisDoesAndNothingElse() throws Exception {
    JsonNode vectors = read("grants.json");
    assertTrue(vectors.path("cases").size() > 40, "the vectors are all there");
    for (JsonNode each : vectors.path("cases")) {
      String expected = each.path("expected").asText();
      String says = each.path("says").asText();
      assertEquals(expected, judged(vectors, each), says);
      String executor = judgedByTheExecutor(vectors, each);
      assertEquals(expected.equals("permitted"), executor.equals("permitted"), says + executor);
    }
  }

  private static String judged(JsonNode vectors, JsonNode one) throws InterruptedException {
    InstantSource clock = InstantSource.fixed(at(vectors, one));
    GrantVerifier verifier =
        new GrantVerifier(new JwksKeys(vectors.path("jwks"), clock), GrantVerifier.ISSUER);
    try {
      verifier.verify(
          one.path("grant").asText(),
          tool(vectors, one),
          parameters(vectors, one),
          at(vectors, one));
      return "permitted";
    } catch (NotPermitted e) {
      return e.code();
    }
  }

  private static String judgedByTheExecutor(JsonNode vectors, JsonNode one) {
    KeySet keys = KeySet.read(EventJson.write(vectors.path("jwks")));
    String[] tool = tool(vectors, one).split("/", 2);
    Instant at = at(vectors, one);
    try {
      var _ =
          new dev.countersign.verifier.GrantVerifier(
                  keys.grantKeys(InstantSource.fixed(at)), GrantVerifier.ISSUER)
              .verify(
                  one.path("grant").asText(),
                  new Tool(tool[0], tool[1]),
                  parameters(vectors, one),
                  at);
      return "permitted";
    } catch (InvalidGrant e) {
      return e.reason();
    }
  }

  private static Instant at(JsonNode vectors, JsonNode one) {
    return Instant.parse(one.path("at").asText(vectors.path("now").asText()));
  }

  private static String tool(JsonNode vectors, JsonNode one) {
    return one.path("tool").asText(vectors.path("tool").asText());
  }

  private static ObjectNode parameters(JsonNode vectors, JsonNode one) {
    return (ObjectNode) (one.has("parameters") ? one : vectors).path("parameters");
  }
}
