package dev.countersign.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The AsyncAPI document says what the code says.
class AsyncApiTest {

  private static final Path RESOURCES = Path.of("src/main/resources");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final JsonNode DOCUMENT = read(RESOURCES.resolve("asyncapi.yaml"));

  private static JsonNode read(Path file) {
    try {
      return YAML.readTree(file.toFile());
    } catch (IOException e) {
      throw new AssertionError(file + " cannot be read", e);
    }
  }

  @Test
  void everyTopicIsAChannelAndEveryChannelATopic() {
    Set<String> channels = new HashSet<>();
    for (Map.Entry<String, JsonNode> channel : DOCUMENT.get("channels").properties()) {
      assertEquals(channel.getKey(), channel.getValue().get("address").textValue());
      channels.add(channel.getKey());
    }
    assertEquals(Set.copyOf(Topics.ALL), channels);
  }

  @Test
  void everyChannelIsSentToAndEveryMessageIsOfItsTopic() {
    for (String topic : Topics.ALL) {
      assertTrue(operations(topic, "send") > 0, topic + " is sent by nobody");
      if (topic.equals(Topics.DEAD_LETTER)) {
        continue;
      }
      JsonNode messages = DOCUMENT.get("channels").get(topic).get("messages");
      assertEquals(1, messages.size());
      JsonNode message = resolve(messages.elements().next(), RESOURCES.resolve("asyncapi.yaml"));
      assertEquals(Topics.type(topic), message.get("name").textValue());
      assertEquals(
          "./schemas/" + topic + ".json",
          message.get("payload").get("schema").get("$ref").textValue());
    }
  }

  @Test
  void theAuditServiceReceivesAllButItsOwn() {
    for (String topic : Topics.ALL) {
      assertEquals(
          !topic.equals(Topics.AUDIT),
          DOCUMENT.get("operations").has("audit.receives." + topic),
          topic);
    }
  }

  @Test
  void noServiceReceivesWhatItSends() {
    for (String operation : (Iterable<String>) DOCUMENT.get("operations")::fieldNames) {
      assertFalse(
          operation.contains(".sends.")
              && DOCUMENT.get("operations").has(operation.replace(".sends.", ".receives.")),
          operation);
    }
  }

  private static long operations(String topic, String action) {
    return DOCUMENT.get("operations").properties().stream()
        .map(Map.Entry::getValue)
        .filter(each -> each.get("action").textValue().equals(action))
        .filter(each -> each.get("channel").get("$ref").textValue().equals("#/channels/" + topic))
        .count();
  }

  @ParameterizedTest
  @ValueSource(strings = "asyncapi.yaml")
  void everyReferenceLeadsSomewhere(String file) {
    Set<Path> seen = new HashSet<>();
    follow(RESOURCES.resolve(file), seen);
    // The document, each schema, and their shared parts.
    assertEquals(1 + Topics.ALL.size() - 1 + 1, seen.size(), seen.toString());
  }

  private static void follow(Path file, Set<Path> seen) {
    if (seen.add(file)) {
      follow(read(file), file, seen);
    }
  }

  private static void follow(JsonNode node, Path file, Set<Path> seen) {
    if (node.has("$ref")) {
      assertFalse(resolve(node, file).isMissingNode(), file + ": " + node.get("$ref"));
      follow(target(node, file), seen);
    }
    node.forEach(child -> follow(child, file, seen));
  }

  private static Path target(JsonNode reference, Path file) {
    String path = reference.get("$ref").textValue().split("#", 2)[0];
    return path.isEmpty() ? file : file.resolveSibling(path).normalize();
  }

  private static JsonNode resolve(JsonNode reference, Path file) {
    String[] parts = reference.get("$ref").textValue().split("#", 2);
    return read(target(reference, file)).at(parts.length == 1 ? "" : parts[1]);
  }
}
