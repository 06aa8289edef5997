package dev.countersign.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ActionProposedTest {

  private static final String ID = "018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d";

  private static byte[] proposal(String parameters, String rest) {
    return ("{\"actionId\":\""
            + ID
            + "\",\"agent\":{\"id\":\"billing-bot\"},"
            + "\"tool\":{\"toolset\":\"payments\",\"name\":\"wire_transfer\"},\"parameters\":"
            + parameters
            + rest
            + "}")
        .getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void theDigestIsThatOfTheContract() throws Exception {
    ActionProposed proposal = ActionProposed.read(proposal("{\"b\":1,\"a\":\"x\"}", ""));
    byte[] canonical =
        ("{\"actionId\":\""
                + ID
                + "\",\"agent\":{\"id\":\"billing-bot\"},\"parameters\":{\"a\":\"x\",\"b\":1},"
                + "\"tool\":{\"name\":\"wire_transfer\",\"toolset\":\"payments\"}}")
            .getBytes(StandardCharsets.UTF_8);
    assertEquals(Digest.of(canonical), proposal.digest());
  }

  @Test
  void aRewordedRetryIsTheSameAction() throws Exception {
    ActionProposed first = ActionProposed.read(proposal("{\"a\":1}", ""));
    ActionProposed reworded =
        ActionProposed.read(
            proposal("{\"a\":1.0}", ",\"intent\":{\"summary\":\"please\"},\"surprise\":{\"x\":1}"));
    ActionProposed changed = ActionProposed.read(proposal("{\"a\":2}", ""));
    assertEquals(first.digest(), reworded.digest());
    assertNotEquals(first.digest(), changed.digest());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"n\":9007199254740992}|number",
        "{\"n\":-9007199254740993}|number",
        "{\"n\":1e400}|number",
        "{\"n\":1e99999999999}|number",
        "{\"n\":0.12345678901234567890123}|number",
        "{\"s\":\"\\ud800\"}|surrogate",
        "{\"a\":1,\"a\":2}|duplicate-key",
        "[]|shape",
        "{\"a\":1}}|not-json",
      })
  void whatCannotBeCarriedExactlyIsRefused(String parameters, String code) {
    Bounds.OutOfBounds refused =
        assertThrows(Bounds.OutOfBounds.class, () -> ActionProposed.read(proposal(parameters, "")));
    assertEquals(code, refused.code());
  }

  @Test
  void depthAndSizeAreBoundedBeforeParsingCosts() {
    String deep = "[".repeat(20_000) + "]".repeat(20_000);
    assertEquals("too-deep", refusal(proposal("{\"d\":" + deep + "}", "")));
    assertEquals("too-large", refusal(proposal("{\"d\":\"" + "x".repeat(70_000) + "\"}", "")));
    byte[] latin1 = proposal("{\"d\":\"é\"}", "");
    assertEquals(
        "not-utf8",
        refusal(new String(latin1, StandardCharsets.UTF_8).getBytes(StandardCharsets.ISO_8859_1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-16", "UTF-32BE", "UTF-32LE"})
  void noOtherEncodingIsRead(String charset) {
    byte[] json = proposal("{}", "");
    assertEquals(
        "not-utf8",
        refusal(new String(json, StandardCharsets.UTF_8).getBytes(Charset.forName(charset))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"NaN\"",
        "\"Infinity\"",
        "\"-Infinity\"",
        "\"INF\"",
        "\"0.5\"",
        "\"\"",
        "7.5",
        "-0.1",
        "true"
      })
  void confidenceIsANumberFromZeroToOne(String confidence) throws Exception {
    assertEquals(
        "shape", refusal(proposal("{}", ",\"intent\":{\"confidence\":" + confidence + "}")));
    for (String fits : List.of("null", "0", "0.5", "1")) {
      assertNotNull(
          ActionProposed.read(proposal("{}", ",\"intent\":{\"confidence\":" + fits + "}")));
    }
  }

  @Test
  void aNumberIsNotAName() {
    byte[] json =
        new String(proposal("{}", ""), StandardCharsets.UTF_8)
            .replace("\"billing-bot\"", "5")
            .getBytes(StandardCharsets.UTF_8);
    assertEquals("shape", refusal(json));
  }

  @Test
  void whatIsMissingIsNamed() {
    Bounds.OutOfBounds refused =
        assertThrows(
            Bounds.OutOfBounds.class,
            () ->
                ActionProposed.read(
                    ("{\"actionId\":\"" + ID + "\",\"agent\":{\"id\":\"a\"},\"parameters\":{}}")
                        .getBytes(StandardCharsets.UTF_8)));
    assertTrue(refused.sentence().contains("tool is missing"), refused.sentence());
  }

  @Test
  void theIdOfABadProposalIsFoundWhereItCanBeRead() {
    assertEquals(
        Optional.of(ActionId.of(ID)),
        ActionProposed.findActionId(
            ("{\"actionId\":\"" + ID + "\",{").getBytes(StandardCharsets.UTF_8)));
    assertEquals(
        Optional.empty(), ActionProposed.findActionId("nonsense".getBytes(StandardCharsets.UTF_8)));
  }

  private static String refusal(byte[] json) {
    return assertThrows(Bounds.OutOfBounds.class, () -> ActionProposed.read(json)).code();
  }
}
