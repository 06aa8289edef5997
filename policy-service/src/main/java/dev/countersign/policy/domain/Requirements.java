package dev.countersign.policy.domain;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Assurance;
import dev.countersign.events.Requirement;
import dev.countersign.events.Requirement.Escalation;
import dev.countersign.events.Requirement.Quorum;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Makes one requirement of all that apply, so that whoever meets it meets each of them.
final class Requirements {

  private Requirements() {}

  /// @param shorter the proposer's deadline, which counts where it is the shortest
  static Requirement merge(List<Requirement> all, @Nullable Duration shorter) {
    Map<Set<String>, Quorum> quorums = new LinkedHashMap<>();
    Set<Escalation> ladder = new LinkedHashSet<>();
    Assurance assurance = all.getFirst().assurance();
    Duration deadline = all.getFirst().deadline();
    List<String> channels = all.getFirst().channels();
    Set<String> anyChannel = new LinkedHashSet<>();
    for (Requirement each : all) {
      for (Quorum quorum : each.quorums()) {
        quorums.merge(
            new TreeSet<>(quorum.groups()), quorum, (a, b) -> a.count() >= b.count() ? a : b);
      }
      ladder.addAll(each.escalate());
      assurance = each.assurance().satisfies(assurance) ? each.assurance() : assurance;
      deadline = deadline.compareTo(each.deadline()) <= 0 ? deadline : each.deadline();
      channels = channels.stream().filter(each.channels()::contains).toList();
      anyChannel.addAll(each.channels());
    }
    if (shorter != null && shorter.compareTo(deadline) < 0) {
      deadline = shorter;
    }
    List<Escalation> steps = new ArrayList<>(ladder);
    steps.sort(Comparator.comparingDouble(Escalation::at));
    return new Requirement(
        List.copyOf(quorums.values()),
        assurance,
        deadline,
        // Rules that share no channel still have to reach people.
        channels.isEmpty() ? List.copyOf(anyChannel) : channels,
        steps,
        trust(all));
  }

  /// Trust only where every rule grants the same: one that grants none asks each time.
  private static @Nullable JsonNode trust(List<Requirement> all) {
    JsonNode first = all.getFirst().trust();
    boolean same = first != null && all.stream().allMatch(each -> first.equals(each.trust()));
    return same ? first : null;
  }
}
