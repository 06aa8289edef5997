package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.demo.AgentPlatform;
import dev.countersign.demo.Json;
import dev.countersign.demo.Timeout;
import dev.countersign.events.ActionId;
import dev.countersign.events.Topics;
import dev.countersign.flow.WholeSystem.Running;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// How approved actions ended, whatever died meanwhile: each once, with an answer that is true.
final class Ended {

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

  private Ended() {}

  /// Awaits the answer of each, and gives them by their status. What waited beyond its grant's end,
  /// or could not be looked at once more, is refused or failed: then it had no effect. Only
  /// `unknown` leaves that open.
  static Map<String, List<ActionId>> once(
      Running running, AgentPlatform platform, Collection<ActionId> approved, Duration patience) {
    Map<ActionId, String> status = new HashMap<>();
    for (ActionId each : approved) {
      status.put(each, platform.await(Topics.EXECUTION, each, patience).path("status").asText());
    }
    Map<String, Integer> calls = calls(running);
    Map<String, List<ActionId>> ended = new TreeMap<>();
    for (ActionId each : approved) {
      assertEquals(1, eventIds(platform, each, Topics.EXECUTION).size(), "answers of " + each);
      int effects = calls.getOrDefault(each.toString(), 0);
      String said = status.getOrDefault(each, "nothing");
      switch (said) {
        case "succeeded" -> assertEquals(1, effects, "succeeded, and its effects: " + each);
        case "unknown" -> assertTrue(effects <= 1, "ran twice: " + each);
        default -> assertEquals(0, effects, said + ", and ran: " + each);
      }
      ended.computeIfAbsent(said, _ -> new ArrayList<>()).add(each);
    }
    return ended;
  }

  /// The `ce_id`s of what these topics have about an action. A relay that dies between the
  /// acknowledgement and its own note sends a record again under the same one: that is one event.
  static Set<String> eventIds(AgentPlatform platform, ActionId id, String... topics) {
    Set<String> ids = new HashSet<>();
    for (String topic : topics) {
      for (ConsumerRecord<byte[], byte[]> record : platform.records(topic, id)) {
        ids.add(eventId(record));
      }
    }
    return ids;
  }

  /// A dead letter has the `ce_id` of what it is about, which several may have put aside.
  private static String eventId(ConsumerRecord<byte[], byte[]> record) {
    return Stream.of("ce_id", "dl_topic", "dl_partition", "dl_offset", "dl_reason", "dl_detail")
        .map(name -> AgentPlatform.header(record, name))
        .collect(Collectors.joining(" "));
  }

  /// How often the target was called, by idempotency key.
  static Map<String, Integer> calls(Running running) {
    Map<String, Integer> calls = new HashMap<>();
    for (JsonNode call : new Json().get(running.addresses().target().resolve("/calls")).body()) {
      calls.merge(call.path("headers").path("idempotency-key").asText(), 1, Integer::sum);
    }
    return calls;
  }

  /// Returns when the target has been called for this action, which it may not have answered yet.
  static void awaitCalled(Running running, ActionId id, Duration patience) {
    long until = System.nanoTime() + patience.toNanos();
    while (effects(running, id) == 0) {
      if (System.nanoTime() > until) {
        throw new Timeout("the target was not called for " + id + " within " + patience);
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  /// How often the target was called for this action.
  static int effects(Running running, ActionId id) {
    return new Json().get(running.addresses().target().resolve("/calls?key=" + id)).body().size();
  }

  /// Everything that was published about these, on whatever topic, is in the log once, and each
  /// entry of the log on the log's own topic.
  static void awaitLogged(
      Running running, AgentPlatform platform, Collection<ActionId> ids, Duration patience) {
    Json json = new Json();
    for (ActionId id : ids) {
      URI evidence = running.addresses().audit().resolve("/v1/evidence/" + id);
      long until = System.nanoTime() + patience.toNanos();
      Optional<String> missing = missing(platform, id, json.get(evidence));
      while (missing.isPresent()) {
        if (System.nanoTime() > until) {
          throw new Timeout("not in the log: " + missing.get() + " of " + id);
        }
        LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        missing = missing(platform, id, json.get(evidence));
      }
    }
  }

  private static Optional<String> missing(
      AgentPlatform platform, ActionId id, Json.Answer evidence) {
    List<String> logged = new ArrayList<>();
    for (JsonNode entry : evidence.body().path("entries")) {
      logged.add(entry.path("topic").asText());
    }
    return Topics.ALL.stream()
        .filter(topic ->
            logged.isEmpty()
                || eventIds(platform, id, topic).size()
                    != (topic.equals(Topics.AUDIT)
                        ? logged.size()
                        : logged.stream().filter(topic::equals).count()))
        .findFirst();
  }
}
