package dev.countersign.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The golden files are what was once published: they parse for ever. Add files, change none.
class SchemasTest {

  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  private static final Map<String, Class<? extends Event>> EVENTS =
      Map.ofEntries(
          Map.entry(Topics.ACTION_PROPOSED, ActionProposed.class),
          Map.entry(Topics.ACTION_CANCELLED, ActionCancelled.class),
          Map.entry(Topics.VERDICT, Verdict.class),
          Map.entry(Topics.TICKET_OPENED, TicketOpened.class),
          Map.entry(Topics.TICKET_SEEN, TicketSeen.class),
          Map.entry(Topics.VOTE_SUBMITTED, VoteSubmitted.class),
          Map.entry(Topics.VOTE_RECORDED, VoteRecorded.class),
          Map.entry(Topics.DECISION, Decision.class),
          Map.entry(Topics.EXPIRED, Expired.class),
          Map.entry(Topics.TRUST, Trust.class),
          Map.entry(Topics.OVERSIGHT, Oversight.class),
          Map.entry(Topics.NOTIFICATION, Notification.class),
          Map.entry(Topics.EXECUTION, Execution.class),
          Map.entry(Topics.LATE_OUTCOME, LateOutcome.class),
          Map.entry(Topics.AUDIT, Audit.class));

  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12,
          builder ->
              builder.schemaRegistryConfig(
                  SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

  static Stream<Path> golden() throws IOException {
    try (Stream<Path> files = Files.list(GOLDEN)) {
      return files.sorted().toList().stream();
    }
  }

  private static String topic(Path golden) {
    String name = golden.getFileName().toString();
    return name.substring(0, name.indexOf('.'));
  }

  private static Schema schema(String topic) {
    return REGISTRY.getSchema(SchemaLocation.of("classpath:schemas/" + topic + ".json"));
  }

  private static List<String> faults(String topic, JsonNode json) {
    return schema(topic).validate(json.toString(), InputFormat.JSON).stream()
        .map(Object::toString)
        .toList();
  }

  private static Class<? extends Event> event(String topic) {
    Class<? extends Event> type = EVENTS.get(topic);
    if (type == null) {
      throw new AssertionError("no event on " + topic);
    }
    return type;
  }

  @ParameterizedTest
  @MethodSource("golden")
  void whatWasOncePublishedIsReadAndWrittenTheSame(Path golden) throws IOException {
    byte[] json = Files.readAllBytes(golden);
    Event read = EventJson.read(json, event(topic(golden)));
    assertEquals(topic(golden), read.topic());
    assertEquals(EventJson.readTree(json), EventJson.readTree(EventJson.write(read)));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void whatWasOncePublishedFitsItsSchema(Path golden) throws IOException {
    JsonNode json = EventJson.readTree(Files.readAllBytes(golden));
    assertEquals(List.of(), faults(topic(golden), json));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void aMemberOfALaterReleaseDisturbsNobody(Path golden) throws IOException {
    ObjectNode json = (ObjectNode) EventJson.readTree(Files.readAllBytes(golden));
    Event before = EventJson.read(EventJson.write(json), event(topic(golden)));
    json.putObject("ofALaterRelease").put("x", 1);
    assertEquals(List.of(), faults(topic(golden), json));
    assertEquals(before, EventJson.read(EventJson.write(json), event(topic(golden))));
  }

  /// What may stand nowhere or only here and there.
  private static final List<JsonNode> OTHERS =
      Stream.of(
              "5",
              "2.0",
              "2.9",
              "-1",
              "true",
              "\"\"",
              "\"x\"",
              "\"5\"",
              "\"2026\"",
              "\"true\"",
              "[]",
              "[5]",
              "{}")
          .map(text -> EventJson.readTree(text.getBytes(StandardCharsets.UTF_8)))
          .toList();

  /// Kept as the JSON that they are; who uses them looks into them.
  private static final Set<String> OPEN = Set.of("parameters", "facts", "entry", "trust");

  /// How large a number is and how many there are of something is for whoever uses it.
  private static final Set<String> BOUNDS = Set.of("minimum", "maximum", "minItems");

  /// Texts of which the schema says more than that they are texts.
  private static final Set<String> TEXTS =
      Set.of(
          "approver",
          "by",
          "channel",
          "code",
          "grant",
          "id",
          "link",
          "name",
          "recipient",
          "step",
          "sum",
          "toolset");

  /// What the schema requires, the record requires, and the other way round; what one takes for
  /// another shape, the other does too.
  @ParameterizedTest
  @MethodSource("golden")
  void schemaAndRecordAnswerAlike(Path golden) throws IOException {
    JsonNode json = EventJson.readTree(Files.readAllBytes(golden));
    change(
        json,
        (member, was, is, changed) -> {
          List<Error> faults = schema(topic(golden)).validate(changed);
          boolean reads = reads(changed, event(topic(golden)));
          // Lists that are absent are read as empty, so that old events stay readable; we always
          // write them, and the schema says what we write.
          boolean laterList = is == null && was.isArray() && reads;
          boolean moreSaid =
              reads
                  && is != null
                  && ((TEXTS.contains(member) && is.isTextual())
                      || faults.stream().allMatch(each -> BOUNDS.contains(each.getKeyword())));
          if (!laterList && !moreSaid) {
            assertEquals(reads, faults.isEmpty(), () -> golden + ": " + member + " is " + is);
          }
        });
  }

  @FunctionalInterface
  private interface Changed {
    void is(String member, JsonNode was, @Nullable JsonNode now, JsonNode whole);
  }

  /// The tree with each of its members in turn left out, or replaced.
  private static void change(JsonNode part, Changed changed) {
    if (part instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> member : object.properties()) {
        String name = member.getKey();
        JsonNode value = member.getValue();
        changed.is(name, value, null, object.deepCopy().without(name));
        if (!OPEN.contains(name)) {
          OTHERS.forEach(it -> changed.is(name, value, it, object.deepCopy().set(name, it)));
          change(
              value,
              (at, was, now, it) -> changed.is(at, was, now, object.deepCopy().set(name, it)));
        }
      }
    } else if (part instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        int index = i;
        JsonNode value = array.get(i);
        OTHERS.forEach(it -> changed.is("", value, it, array.deepCopy().set(index, it)));
        change(
            value, (at, was, now, it) -> changed.is(at, was, now, array.deepCopy().set(index, it)));
      }
    }
  }

  private static boolean reads(JsonNode json, Class<? extends Event> type) {
    try {
      EventJson.read(EventJson.write(json), type);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ticket-seen.json,actionId,1-2-3-4-5",
    "ticket-seen.json,at,yesterday",
    "execution.succeeded.json,status,done",
    "late-outcome.succeeded.json,status,refused",
    "execution.succeeded.json,actionDigest,sha256:00",
    "verdict.allowed.json,verdict,maybe",
    "decision.approved.votes.json,outcome,approve",
    "vote-recorded.reject.json,answer,no",
    "vote-recorded.reject.json,assurance,sms",
    "notification.failed.json,status,lost",
    "action-proposed.full.json,deadline,1 hour",
    "trust.used.json,change,lent",
    "oversight.invited.json,change,asked",
  })
  void whatHasAnotherShapeDoesNotFit(String golden, String member, String value)
      throws IOException {
    ObjectNode json = (ObjectNode) EventJson.readTree(Files.readAllBytes(GOLDEN.resolve(golden)));
    json.put(member, value);
    assertFalse(faults(topic(Path.of(golden)), json).isEmpty());
    assertFalse(reads(json, event(topic(Path.of(golden)))));
  }

  @Test
  void parametersThatAreNoObjectFitNeither() throws IOException {
    ObjectNode json =
        (ObjectNode)
            EventJson.readTree(Files.readAllBytes(GOLDEN.resolve("action-proposed.full.json")));
    json.put("parameters", "none");
    assertFalse(faults(Topics.ACTION_PROPOSED, json).isEmpty());
    assertThrows(Bounds.OutOfBounds.class, () -> ActionProposed.read(EventJson.write(json)));
  }

  @Test
  void aNameThatIsEmptyDoesNotFit() throws IOException {
    ObjectNode json =
        (ObjectNode) EventJson.readTree(Files.readAllBytes(GOLDEN.resolve("ticket-seen.json")));
    json.put("approver", "");
    assertFalse(faults(Topics.TICKET_SEEN, json).isEmpty());
  }

  @Test
  void anApprovalWithoutGrantFitsNeither() throws IOException {
    ObjectNode json =
        (ObjectNode)
            EventJson.readTree(Files.readAllBytes(GOLDEN.resolve("decision.rejected.json")));
    json.put("outcome", "approved");
    assertFalse(faults(Topics.DECISION, json).isEmpty());
    assertThrows(
        IllegalArgumentException.class,
        () -> EventJson.read(EventJson.write(json), Decision.class));
  }

  @Test
  void everyEventHasATopicASchemaAndAGoldenFile() throws IOException {
    Set<Class<?>> permitted = Set.copyOf(Arrays.asList(Event.class.getPermittedSubclasses()));
    assertEquals(permitted, Set.copyOf(EVENTS.values()));
    Set<String> topics =
        Topics.ALL.stream()
            .filter(topic -> !topic.equals(Topics.DEAD_LETTER))
            .collect(Collectors.toSet());
    assertEquals(topics, EVENTS.keySet());
    assertEquals(topics, golden().map(SchemasTest::topic).collect(Collectors.toSet()));
    for (String topic : topics) {
      assertTrue(
          Files.isRegularFile(Path.of("src/main/resources/schemas", topic + ".json")), topic);
    }
  }

  @Test
  void everyVariantHasAGoldenFile() throws IOException {
    Set<String> names =
        golden()
            .map(file -> file.getFileName().toString().replace(".json", ""))
            .collect(Collectors.toSet());
    for (Class<?> verdict : Verdict.class.getPermittedSubclasses()) {
      assertTrue(
          names.contains("verdict." + kebab(verdict.getSimpleName())), verdict.getSimpleName());
    }
    assertVariants(names, "decision.", Decision.Outcome.values(), "approved");
    for (Decision.Basis basis : Decision.Basis.values()) {
      assertTrue(names.contains("decision.approved." + EventJson.tree(basis).textValue()));
    }
    assertVariants(names, "execution.", Execution.Status.values(), "");
    assertVariants(names, "notification.", Notification.Status.values(), "");
    assertVariants(names, "trust.", Trust.Change.values(), "");
    assertVariants(names, "oversight.", Oversight.Change.values(), "");
    assertVariants(names, "vote-recorded.", Answer.values(), "");
  }

  private static void assertVariants(
      Set<String> names, String prefix, Enum<?>[] values, String elsewhere) {
    for (Enum<?> value : values) {
      String name = EventJson.tree(value).textValue();
      assertTrue(name.equals(elsewhere) || names.contains(prefix + name), prefix + name);
    }
  }

  private static String kebab(String camel) {
    return camel.replaceAll("(?<=.)([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
  }
}
