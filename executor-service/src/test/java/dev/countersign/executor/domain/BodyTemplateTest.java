package dev.countersign.executor.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyTemplateTest {

  private static final JsonNode PARAMS =
      json(
          """
          {"to": {"iban": "DE89", "tags": ["x", "y"]}, "n": 3, "yes": true, "nothing": null,
           "quote": "\\", \\"admin\\": true, \\"x\\": \\""}
          """);

  @Test
  void aPlaceholderAloneIsTheParameterItself() throws Unfit {
    assertEquals(
        json(
            "{\"a\": {\"iban\": \"DE89\", \"tags\": [\"x\", \"y\"]}, \"b\": [3, true, \"y\"], \"c\": 1}"),
        fill(
            "{\"a\": \"${params.to}\", \"b\": [\"${params.n}\", \"${params.yes}\", \"${params.to.tags.1}\"], \"c\": 1}"));
  }

  @Test
  void whateverAParameterHoldsItStaysAText() throws Unfit {
    assertEquals(
        "{\"note\":\"<\\\", \\\"admin\\\": true, \\\"x\\\": \\\">\"}",
        fill("{\"note\": \"<${params.quote}>\"}").toString());
  }

  @Test
  void aParameterIsNotReadAsATemplate() throws Unfit {
    JsonNode params = json("{\"a\": \"${params.b}\", \"b\": \"secret\"}");
    assertEquals(
        json("{\"x\": \"${params.b}!\"}"),
        BodyTemplate.of(json("{\"x\": \"${params.a}!\"}")).fill(params));
  }

  @Test
  void anOptionalMemberIsLeftOut() throws Unfit {
    assertEquals(
        json("{\"n\": 3}"),
        fill(
            "{\"n\": \"${params.n?}\", \"m\": \"${params.nothing?}\", \"o\": \"${params.to.bic?}\"}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\": \"${params.absent}\"}",
        "{\"a\": \"${params.nothing}\"}",
        "{\"a\": \"x ${params.to.bic}\"}",
        "[\"${params.to.tags.7}\"]",
        "[\"${params.absent?}\"]",
        "\"${params.n.deeper}\""
      })
  void whatIsMissingIsRefusedAndNotEmpty(String template) {
    Unfit refused = assertThrows(Unfit.class, () -> fill(template));
    assertEquals("parameter-missing", refused.reason().code());
  }

  @Test
  void aStructureCanNotStandInAText() {
    Unfit refused = assertThrows(Unfit.class, () -> fill("{\"a\": \"x ${params.to}\"}"));
    assertEquals("parameter-unfit", refused.reason().code());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"${params}", "${env.X}", "${params.a", "${params.a b}", "x ${params.a?}", "${X}"})
  void whatIsNoPlaceholderIsRefusedWithTheFile(String text) {
    assertThrows(IllegalArgumentException.class, () -> BodyTemplate.of(text(text)));
  }

  private static JsonNode text(String text) {
    return com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.textNode(text);
  }

  private static JsonNode fill(String template) throws Unfit {
    return BodyTemplate.of(json(template)).fill(PARAMS);
  }

  private static JsonNode json(String text) {
    return EventJson.readTree(text.getBytes(StandardCharsets.UTF_8));
  }
}
