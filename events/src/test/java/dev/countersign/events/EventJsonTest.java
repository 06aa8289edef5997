package dev.countersign.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventJsonTest {

  private static final ActionId ID = ActionId.of("018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d");

  @Test
  void aVerdictSaysWhichItIs() {
    Verdict refused =
        new Verdict.Refused(
            ID, Instant.parse("2026-11-21T10:00:00Z"), null, new Reason("shape", "no tool"));
    String json = new String(EventJson.write(refused), StandardCharsets.UTF_8);
    assertTrue(json.contains("\"verdict\":\"refused\""), json);
    assertTrue(json.contains("\"at\":\"2026-11-21T10:00:00Z\""), json);
    assertEquals(refused, EventJson.read(EventJson.write(refused), Verdict.class));
  }

  @Test
  void anApprovedDecisionWithoutGrantIsNone() {
    byte[] json =
        ("{\"actionId\":\"" + ID + "\",\"at\":\"2026-11-21T10:00:00Z\",\"outcome\":\"approved\"}")
            .getBytes(StandardCharsets.UTF_8);
    assertThrows(IllegalArgumentException.class, () -> EventJson.read(json, Decision.class));
  }

  @Test
  void aNumberThatIsMissingIsNotZero() {
    byte[] json =
        ("{\"actionId\":\""
                + ID
                + "\",\"agent\":{\"id\":\"a\"},\"parameters\":{},"
                + "\"tool\":{\"toolset\":\"t\",\"name\":\"n\"},\"batch\":{\"id\":\"b\"}}")
            .getBytes(StandardCharsets.UTF_8);
    assertEquals(
        "batch.size is missing",
        assertThrows(
                IllegalArgumentException.class, () -> EventJson.read(json, ActionProposed.class))
            .getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "tool":"wire_transfer"             | tool must be an object
          "tool":{"toolset":["t"],"name":"n"} | tool.toolset must be text
          "tool":{"toolset":"t","name":"n"},"batch":{"id":"b","size":"x"} | batch.size must be a number
          """)
  void aMemberOfTheWrongShapeIsNamedInTheReadersWords(String members, String sentence) {
    byte[] json =
        ("{\"actionId\":\"" + ID + "\",\"agent\":{\"id\":\"a\"},\"parameters\":{}," + members + "}")
            .getBytes(StandardCharsets.UTF_8);
    assertEquals(
        sentence,
        assertThrows(
                IllegalArgumentException.class, () -> EventJson.read(json, ActionProposed.class))
            .getMessage());
  }
}
