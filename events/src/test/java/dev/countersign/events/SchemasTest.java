package dev.countersign.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

  /// What the schema requires, the record requires, and the other way round.
  @ParameterizedTest
  @MethodSource("golden")
  void schemaAndRecordRequireTheSameMembers(Path golden) throws IOException {
    ObjectNode json = (ObjectNode) EventJson.readTree(Files.readAllBytes(golden));
    for (Map.Entry<String, JsonNode> member : json.properties()) {
      ObjectNode without = json.deepCopy();
      without.remove(member.getKey());
      boolean fits = faults(topic(golden), without).isEmpty();
      boolean reads = reads(without, event(topic(golden)));
      // Lists that are absent are read as empty, so that old events stay readable; we always
      // write them, and the schema says what we write.
      if (member.getValue().isArray() && reads) {
        continue;
      }
      assertEquals(reads, fits, golden + " without " + member.getKey());
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
    "ticket-seen.json,approver,''",
    "execution.succeeded.json,status,done",
    "late-outcome.succeeded.json,status,refused",
    "execution.succeeded.json,actionDigest,sha256:00",
    "verdict.allowed.json,verdict,maybe",
    "decision.approved.votes.json,outcome,approve",
    "vote-recorded.reject.json,answer,no",
    "vote-recorded.reject.json,assurance,sms",
    "notification.failed.json,status,lost",
    "action-proposed.full.json,deadline,1 hour",
    "action-proposed.full.json,parameters,none",
    "trust.used.json,change,lent",
    "oversight.invited.json,change,asked",
  })
  void whatHasAnotherShapeDoesNotFit(String golden, String member, String value)
      throws IOException {
    ObjectNode json = (ObjectNode) EventJson.readTree(Files.readAllBytes(GOLDEN.resolve(golden)));
    json.put(member, value);
    assertFalse(faults(topic(Path.of(golden)), json).isEmpty());
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
