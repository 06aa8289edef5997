package dev.countersign.flow;

import dev.countersign.events.Topics;
import dev.countersign.flow.SimulatedSystem.Message;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Every event of every topic once.
final class SimulatedLog extends SimulatedService {
  final List<Message> entries = new ArrayList<>();
  private final Set<String> known = new HashSet<>();

  SimulatedLog(SimulatedSystem system) {
    super(
        system, "audit", Topics.ALL.stream().filter(topic -> !topic.equals(Topics.AUDIT)).toList());
  }

  @Override
  void handle(Message message) {
    if (known.add(message.id())) {
      entries.add(message);
    }
  }
}
