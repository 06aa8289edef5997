package dev.countersign.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Event;
import dev.countersign.events.EventJson;
import dev.countersign.events.Payload;
import dev.countersign.events.Shown;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// An action's entries as the events that they hold, and which of them prove nothing: whoever may
/// write to a topic may have written them. These stay among the entries, are named, and spoil
/// nothing.
final class LoggedEvents {

  /// How many a sentence names.
  private static final int NAMED = 5;

  /// An event, and where the log has it.
  record Logged<T extends Event>(long index, T event) {}

  private final ActionId actionId;
  private final List<EvidenceFile.Item> entries;
  private final Map<Long, String> ignored = new TreeMap<>();

  LoggedEvents(ActionId actionId, List<EvidenceFile.Item> entries) {
    this.actionId = actionId;
    this.entries = entries;
  }

  /// Those of a topic that can be read, in the log's order.
  <T extends Event> List<Logged<T>> of(String topic, Class<T> type) {
    List<Logged<T>> events = new ArrayList<>();
    for (EvidenceFile.Item item : entries) {
      if (item.topic().equals(topic) && !item.erased()) {
        try {
          events.add(new Logged<>(item.index(), read(item, type)));
        } catch (NotProven e) {
          ignore(item.index(), e.sentence());
        } catch (IllegalArgumentException e) {
          ignore(item.index(), "it can't be read: " + Shown.text(String.valueOf(e.getMessage())));
        }
      }
    }
    return events;
  }

  private <T extends Event> T read(EvidenceFile.Item item, Class<T> type) throws NotProven {
    if (item.value() == null) {
      throw new NotProven("it has no payload");
    }
    JsonNode payload = EventJson.readTree(Base64.getDecoder().decode(item.value()));
    T event = EventJson.read(Payload.event(payload), type);
    NotProven.unless(event.actionId().equals(actionId), "its payload is about another action");
    return event;
  }

  /// Whether an entry of this topic was erased, and with it what it said.
  boolean erased(String topic) {
    return entries.stream().anyMatch(item -> item.erased() && item.topic().equals(topic));
  }

  /// Whether there is an entry of this topic that proves something.
  boolean has(String topic) {
    return entries.stream()
        .anyMatch(item -> item.topic().equals(topic) && !ignored.containsKey(item.index()));
  }

  /// Nothing is concluded from the entry at this index, and why.
  void ignore(long index, String sentence) {
    ignored.putIfAbsent(index, sentence);
  }

  List<Long> ignored() {
    return List.copyOf(ignored.keySet());
  }

  /// Which they are, as a sentence; empty where there are none.
  String sentence() {
    if (ignored.isEmpty()) {
      return "";
    }
    String named =
        ignored.entrySet().stream()
            .limit(NAMED)
            .map(each -> Fault.at(each.getKey(), each.getValue()).toString())
            .collect(Collectors.joining("; "));
    return " Not authenticated, and ignored: "
        + named
        + (ignored.size() > NAMED ? "; and " + (ignored.size() - NAMED) + " more." : ".");
  }
}
