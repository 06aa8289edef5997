package dev.countersign.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
  void whatIsInNoEncodingIsRefusedAsWhatIsNoJson() {
    byte[] bytes = {(byte) 0xfe, (byte) 0xff, 0, 0, 0, 1};
    assertThrows(IllegalArgumentException.class, () -> EventJson.readTree(bytes));
  }

  @Test
  void ofAStrangersJsonNoMoreIsBuiltThanItMayHave() throws Exception {
    byte[] json = "{\"a\": [1, {}], \"b\": \"x\"}".getBytes(StandardCharsets.UTF_8);
    assertEquals(EventJson.readTree(json), new EventJson.Bounded(json.length, 10).readTree(json));
    for (List<Integer> bounds : List.of(List.of(json.length - 1, 10), List.of(json.length, 9))) {
      assertEquals(
          "too-large",
          assertThrows(
                  Bounds.OutOfBounds.class,
                  () -> new EventJson.Bounded(bounds.getFirst(), bounds.getLast()).readTree(json))
              .code());
    }
    for (String none : List.of("{\"a\": 1, \"a\": 2}", "{} {}", "{", "")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new EventJson.Bounded(100, 100).readTree(none.getBytes(StandardCharsets.UTF_8)));
    }
  }

  /// Wherever in an event the bound is met.
  @Test
  void ofAnEventNoMoreIsBuiltThanItMayHave() throws Exception {
    String head =
        "{\"actionId\":\"" + ID + "\",\"at\":\"2026-11-21T10:00:00Z\",\"outcome\":\"rejected\"";
    EventJson.Bounded bounded = new EventJson.Bounded(1000, 60);
    byte[] within = (head + "}").getBytes(StandardCharsets.UTF_8);
    assertEquals(EventJson.read(within, Decision.class), bounded.read(within, Decision.class));
    String much = "[" + "{},".repeat(30) + "{}]";
    for (String more :
        List.of(
            ",\"more\":" + much,
            ",\"action\":{\"agent\":{\"id\":\"a\"},\"tool\":{\"toolset\":\"t\",\"name\":\"n\"},"
                + "\"parameters\":{\"p\":"
                + much
                + "}}")) {
      byte[] beyond = (head + more + "}").getBytes(StandardCharsets.UTF_8);
      assertThrows(Bounds.OutOfBounds.class, () -> bounded.read(beyond, Decision.class), more);
    }
    byte[] none = "{\"actionId\": 1}".getBytes(StandardCharsets.UTF_8);
    assertThrows(IllegalArgumentException.class, () -> bounded.read(none, Decision.class));
  }

  @Test
  void anApprovedDecisionWithoutGrantIsNone() {
    byte[] json =
        ("{\"actionId\":\"" + ID + "\",\"at\":\"2026-11-21T10:00:00Z\",\"outcome\":\"approved\"}")
            .getBytes(StandardCharsets.UTF_8);
    assertThrows(IllegalArgumentException.class, () -> EventJson.read(json, Decision.class));
  }

  @Test
  void whatUtf8HasInFourBytesTakesFour() {
    assertEquals("\"😀\"", new String(EventJson.write("😀"), StandardCharsets.UTF_8));
  }

  @Test
  void ofACancellationOnlyTheBeginningIsRead() {
    String long_ = "😀".repeat(5_000);
    ActionCancelled cancelled = new ActionCancelled(ID, null, long_, long_);
    assertEquals("😀".repeat(1_000), cancelled.reason());
    assertEquals("😀".repeat(1_000), cancelled.by());
    assertEquals("soon", new ActionCancelled(ID, null, null, "soon").reason());
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
          "tool":{"toolset":"t","name":"n"},"batch":{"id":"b","size":"x"} | batch.size must be a whole number
          "tool":{"toolset":"t","name":"n"},"batch":{"id":"b","size":2.9} | batch.size must be a whole number
          "tool":{"toolset":"t","name":"n"},"batch":{"id":"b","size":1e99} | batch.size must be a whole number
          "tool":{"toolset":"t","name":"n"},"deadline":3600 | deadline must be a text of days, hours, minutes and seconds, such as PT15M (ISO 8601)
          "tool":{"toolset":"t","name":"n"},"deadline":"P1W" | deadline must be a text of days, hours, minutes and seconds, such as PT15M (ISO 8601)
          "tool":{"toolset":"t","name":"n"},"at":0 | at must be a text such as 2026-11-21T12:00:00Z (RFC 3339)
          "tool":{"toolset":"t","name":"n"},"at":"2026" | at must be a text such as 2026-11-21T12:00:00Z (RFC 3339)
          "tool":{"toolset":"t","name":"n"},"at":"-1.5" | at must be a text such as 2026-11-21T12:00:00Z (RFC 3339)
          "tool":{"toolset":"t","name":"n"},"at":"" | at must be a text such as 2026-11-21T12:00:00Z (RFC 3339)
          "tool":{"toolset":"t","name":"n"},"deadline":"" | deadline must be a text of days, hours, minutes and seconds, such as PT15M (ISO 8601)
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

  @Test
  void aWholeNumberMayHaveAPointAndNoFraction() {
    for (String size : List.of("2", "2.0", "2e0", "0.2e1")) {
      byte[] json = ("{\"id\":\"b\",\"size\":" + size + "}").getBytes(StandardCharsets.UTF_8);
      assertEquals(new Batch("b", 2), EventJson.read(json, Batch.class));
      assertEquals(new Batch("b", 2), EventJson.read(EventJson.readTree(json), Batch.class));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "\"0\"", "\"\"", "true", "0.0"})
  void aNumberIsNoAnswerAndNoStatus(String number) {
    byte[] json = number.getBytes(StandardCharsets.UTF_8);
    for (Class<?> type : List.of(Answer.class, Execution.Status.class, Decision.Outcome.class)) {
      assertThrows(IllegalArgumentException.class, () -> EventJson.read(json, type));
      assertThrows(
          IllegalArgumentException.class, () -> EventJson.read(EventJson.readTree(json), type));
    }
  }

  @Test
  void whatIsMissingIsNamedFromTheOutermostOn() {
    byte[] json =
        ("{\"actionId\":\""
                + ID
                + "\",\"at\":\"2026-11-21T10:00:00Z\",\"outcome\":\"rejected\","
                + "\"attestations\":[{\"payloadType\":\"t\",\"payload\":\"\","
                + "\"signatures\":[{\"keyid\":\"k\"}]}]}")
            .getBytes(StandardCharsets.UTF_8);
    assertEquals(
        "attestations.signatures.sig is missing",
        assertThrows(IllegalArgumentException.class, () -> EventJson.read(json, Decision.class))
            .getMessage());
  }

  /// Also what is refused, and why: whoever verifies shows the sentence.
  @Test
  void aTreeIsReadAsItsTextIs() {
    Digest digest = Digest.of(new byte[0]);
    Prompt prompt =
        new Prompt(
                "t",
                "t",
                "e",
                List.of(new Prompt.Field("l", "v", true)),
                new Intent("s", "r", null, null, 0.9),
                List.of("r"),
                List.of(new Rule("r", "R")),
                null,
                digest,
                digest)
            .with(List.of(new Precondition("l", "v", digest)));
    JsonNode good = EventJson.tree(prompt);
    assertEquals(prompt, EventJson.read(good, Prompt.class));
    List<JsonNode> trees =
        new ArrayList<>(List.of(NullNode.getInstance(), MissingNode.getInstance()));
    change(good, trees::add);
    for (JsonNode each : trees) {
      assertEquals(
          outcome(() -> EventJson.read(EventJson.write(each), Prompt.class)),
          outcome(() -> EventJson.read(each, Prompt.class)),
          each::toString);
    }
  }

  private static Object outcome(Supplier<Prompt> reading) {
    try {
      return reading.get();
    } catch (IllegalArgumentException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /// The tree with each of its parts in turn replaced by what may not be there.
  private static void change(JsonNode good, Consumer<JsonNode> changed) {
    List<JsonNode> wrong = new ArrayList<>();
    for (String each :
        List.of("null", "5", "1.50", "true", "\"x\"", "[]", "{}", "[null]", "[[]]")) {
      wrong.add(EventJson.readTree(each.getBytes(StandardCharsets.UTF_8)));
    }
    if (good instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> member : object.properties()) {
        changed.accept(object.deepCopy().without(member.getKey()));
        wrong.forEach(it -> changed.accept(object.deepCopy().set(member.getKey(), it)));
        change(member.getValue(), it -> changed.accept(object.deepCopy().set(member.getKey(), it)));
      }
    } else if (good instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        int at = i;
        wrong.forEach(it -> changed.accept(array.deepCopy().set(at, it)));
        change(array.get(i), it -> changed.accept(array.deepCopy().set(at, it)));
      }
    }
  }
}
