package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import dev.countersign.events.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Outgoing;
import org.junit.jupiter.api.Test;

/// `docs/flow.md` is the choreography in one table; these tests keep it true.
class TopologyTest {

  private static final Pattern OPERATION =
      Pattern.compile(
          "(?m)^  ([a-z-]+)\\.(sends|receives)\\.([a-z-]+):\n    action: \\w+\n(    summary: Not yet)?");

  /// topic → "service ListenerClass", from the `@Incoming` methods.
  private static Map<String, Set<String>> listeners() {
    Map<String, Set<String>> found = new TreeMap<>();
    for (String service : House.SERVICES) {
      for (JavaClass type : House.classesOf(service + "-service")) {
        for (JavaMethod method : type.getMethods()) {
          method
              .tryGetAnnotationOfType(Incoming.class)
              .ifPresent(incoming -> {
                for (String topic : topicsOf(service, incoming.value())) {
                  found
                      .computeIfAbsent(topic, _ -> new TreeSet<>())
                      .add(service + " " + type.getSimpleName());
                }
              });
        }
      }
    }
    return found;
  }

  /// A channel is the topic of its name, unless the service's settings give it several.
  private static String[] topicsOf(String service, String channel) {
    return House.settingsOf(service)
        .getProperty("mp.messaging.incoming." + channel + ".topics", channel)
        .split(",");
  }

  /// topic → services, from what each declares and its outbox enforces.
  private static Map<String, Set<String>> publishers() {
    Map<String, Set<String>> found = new TreeMap<>();
    for (String service : House.SERVICES) {
      for (String topic :
          House.settingsOf(service).getProperty("countersign.publishes").split(",")) {
        found.computeIfAbsent(topic, _ -> new TreeSet<>()).add(service);
      }
    }
    return found;
  }

  private record Row(String topic, String key, Set<String> publishers, Set<String> consumers) {}

  private static Map<String, Row> table() {
    return House.document("docs/flow.md")
        .lines()
        .filter(line -> line.matches("\\| *\\d+ *\\|.*"))
        .map(line -> line.split("\\|"))
        .map(cell ->
            new Row(
                cell[2].strip().replace("`", ""), cell[3].strip(), names(cell[4]), names(cell[5])))
        .collect(Collectors.toMap(Row::topic, row -> row));
  }

  /// `policy `ProposalListener`, audit `X`` → {"policy ProposalListener", "audit X"}; what stands
  /// in italics is outside our house.
  private static Set<String> names(String cell) {
    return Stream.of(cell.split(","))
        .map(each -> each.replace("`", "").strip())
        .filter(each -> !each.isEmpty() && !each.startsWith("*"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void theTableNamesEveryTopicOnce() {
    assertEquals(new TreeSet<>(Topics.ALL), new TreeSet<>(table().keySet()));
  }

  @Test
  void theTableNamesEveryListenerAndNoOther() {
    Map<String, Set<String>> told = new TreeMap<>();
    table().values().stream()
        .filter(row -> !row.consumers().isEmpty())
        .forEach(row -> told.put(row.topic(), row.consumers()));
    assertEquals(told, listeners());
  }

  @Test
  void theTableNamesEveryPublisherAndNoOther() {
    Map<String, Set<String>> told = new TreeMap<>();
    table().values().stream()
        .filter(row -> !row.publishers().isEmpty())
        .forEach(row -> told.put(row.topic(), row.publishers()));
    assertEquals(told, publishers());
  }

  @Test
  void everyClassThatTheTableNamesIsThere() {
    Matcher named =
        Pattern.compile("\\| (\\w+) `(\\w+/\\w+)` \\|").matcher(House.document("docs/flow.md"));
    int found = 0;
    while (named.find()) {
      found++;
      String service = named.group(1);
      Path file =
          House.root()
              .resolve(service + "-service/src/main/java/dev/countersign/" + service)
              .resolve(named.group(2) + ".java");
      assertTrue(Files.exists(file), "docs/flow.md names " + file);
    }
    assertTrue(found > 10, "the table of classes was not read");
  }

  /// What is to come, and is not yet, says so.
  @Test
  void theAsyncApiNamesWhoSendsAndWhoReceivesAndNoOther() {
    Map<String, Set<String>> sends = new TreeMap<>();
    Map<String, Set<String>> receives = new TreeMap<>();
    Matcher operation =
        OPERATION.matcher(House.document("events/src/main/resources/asyncapi.yaml"));
    while (operation.find()) {
      String who = operation.group(1);
      if (House.SERVICES.contains(who) && operation.group(4) == null) {
        (operation.group(2).equals("sends") ? sends : receives)
            .computeIfAbsent(operation.group(3), _ -> new TreeSet<>())
            .add(who);
      }
    }
    assertEquals(publishers(), sends);
    Map<String, Set<String>> listening = new TreeMap<>();
    listeners()
        .forEach((topic, listeners) ->
            listening.put(
                topic,
                listeners.stream()
                    .map(each -> each.split(" ")[0])
                    .collect(Collectors.toCollection(TreeSet::new))));
    assertEquals(listening, receives);
  }

  @Test
  void noServiceConsumesWhatItPublishes() {
    Map<String, Set<String>> publishers = publishers();
    listeners()
        .forEach((topic, consumers) ->
            consumers.forEach(consumer ->
                assertTrue(
                    !publishers.getOrDefault(topic, Set.of()).contains(consumer.split(" ")[0]),
                    consumer + " consumes " + topic + " and publishes it too")));
  }

  @Test
  void everythingIsPublishedThroughTheOutbox() {
    // An emitter would publish outside the transaction of the state that it tells of.
    List<String> besides =
        House.classesOfAll().stream()
            .flatMap(type ->
                Stream.concat(
                    type.getMethods().stream()
                        .filter(method -> method.isAnnotatedWith(Outgoing.class))
                        .map(JavaMethod::getFullName),
                    type.getFields().stream()
                        .filter(field -> field.isAnnotatedWith(Channel.class))
                        .map(field -> field.getFullName())))
            .toList();
    assertEquals(List.of(), besides);
  }
}
