package dev.countersign.flow;

import dev.countersign.events.Event;
import dev.countersign.flow.SimulatedSystem.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// A process with a database behind it. Its positions die with it; offsets, rows and outbox stay.
abstract class SimulatedService {
  final SimulatedSystem system;
  final List<Message> written = new ArrayList<>();
  private final String name;
  private int serial;
  private final Map<String, int[]> positions = new TreeMap<>();
  private final Map<String, int[]> offsets = new TreeMap<>();
  private final List<Message> outbox = new ArrayList<>();

  SimulatedService(SimulatedSystem system, String name, List<String> reads) {
    this.system = system;
    this.name = name;
    for (String topic : reads) {
      positions.put(topic, new int[SimulatedSystem.PARTITIONS]);
      offsets.put(topic, new int[SimulatedSystem.PARTITIONS]);
    }
  }

  /// Part of a transaction.
  abstract void handle(Message message);

  final void emit(Event event) {
    emit(event.topic(), event);
  }

  /// Commits with the state that it tells of.
  final void emit(String topic, Event event) {
    Message message = new Message(name + "/" + serial++, topic, event);
    written.add(message);
    outbox.add(message);
  }

  void crash() {
    system.crashes++;
    offsets.forEach((topic, at) -> positions.put(topic, at.clone()));
  }

  /// A copy of its database: what it is to publish, and how far it had read.
  record Copy(List<Message> outbox, Map<String, int[]> offsets) {}

  final Copy copy() {
    return new Copy(List.copyOf(outbox), clone(offsets));
  }

  /// Puts the copy in the place of the database. What was committed since and not published is
  /// lost.
  final void putBack(Copy copy, boolean readsAgain) {
    Set<Message> published =
        system.topics.values().stream()
            .flatMap(List::stream)
            .flatMap(List::stream)
            .collect(Collectors.toSet());
    written.removeIf(each -> !published.contains(each) && !copy.outbox.contains(each));
    outbox.clear();
    outbox.addAll(copy.outbox);
    if (readsAgain) {
      offsets.putAll(clone(copy.offsets));
    }
    positions.putAll(clone(offsets));
  }

  private static Map<String, int[]> clone(Map<String, int[]> of) {
    Map<String, int[]> clone = new TreeMap<>();
    of.forEach((topic, at) -> clone.put(topic, at.clone()));
    return clone;
  }

  final void poll() {
    List<String> reads = List.copyOf(positions.keySet());
    poll(
        system.any(reads),
        system.random.nextInt(SimulatedSystem.PARTITIONS),
        1 + system.random.nextInt(10));
  }

  private void poll(String topic, int partition, int most) {
    List<Message> records = system.partitions(topic).get(partition);
    int[] position = Objects.requireNonNull(positions.get(topic));
    int[] offset = Objects.requireNonNull(offsets.get(topic));
    int end = Math.min(records.size(), position[partition] + most);
    List<Message> batch = List.copyOf(records.subList(position[partition], end));
    if (system.defect == Defect.OFFSET_IS_COMMITTED_BEFORE_THE_STATE) {
      offset[partition] = end;
    }
    if (system.dies()) {
      crash();
      return;
    }
    batch.forEach(this::handle);
    if (system.dies()) {
      crash();
      return;
    }
    position[partition] = end;
    // Kafka's offsets are committed system.now and then, so a crash brings back more than one
    // batch.
    if (system.draining || system.random.nextInt(3) == 0) {
      offset[partition] = end;
    }
  }

  final void relay() {
    List<Message> batch =
        List.copyOf(outbox.subList(0, Math.min(outbox.size(), 1 + system.random.nextInt(10))));
    boolean early = system.defect == Defect.RELAY_DELETES_BEFORE_THE_BROKER_HAS_IT;
    if (early) {
      outbox.subList(0, batch.size()).clear();
    }
    for (Message message : batch) {
      if (system.dies()) {
        crash();
        return;
      }
      system.append(message);
    }
    if (system.dies()) {
      crash();
      return;
    }
    if (!early) {
      outbox.subList(0, batch.size()).clear();
    }
  }

  void drain() {
    for (String topic : List.copyOf(positions.keySet())) {
      for (int partition = 0; partition < SimulatedSystem.PARTITIONS; partition++) {
        poll(topic, partition, Integer.MAX_VALUE / 2);
      }
    }
    while (!outbox.isEmpty()) {
      relay();
    }
  }
}
