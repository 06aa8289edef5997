package dev.countersign.policy.domain;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Assurance;
import dev.countersign.events.EventJson;
import dev.countersign.events.Requirement;
import dev.countersign.events.Requirement.Escalation;
import dev.countersign.events.Requirement.Quorum;
import dev.countersign.events.TrustTerms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Makes one requirement of all that apply, so that whoever meets it meets each of them.
final class Requirements {

  private Requirements() {}

  /// @param shorter the proposer's deadline, which counts where it is the shortest
  /// @param grantLife the shortest of what the rules say
  static Requirement merge(
      List<Requirement> all, @Nullable Duration shorter, @Nullable Duration grantLife) {
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
    int votes = quorums.values().stream().mapToInt(Quorum::count).sum();
    return new Requirement(
        List.copyOf(quorums.values()),
        assurance,
        deadline,
        // Rules that share no channel still have to reach people.
        channels.isEmpty() ? List.copyOf(anyChannel) : channels,
        steps,
        // One person must not bind the others of a quorum.
        votes == 1 ? trust(all) : null,
        grantLife);
  }

  /// Trust only where every rule grants it, within the bounds of each: one that grants none asks
  /// each time.
  private static @Nullable JsonNode trust(List<Requirement> all) {
    TrustTerms strictest = null;
    for (Requirement each : all) {
      Optional<TrustTerms> terms = TrustTerms.of(each);
      if (terms.isEmpty()) {
        return null;
      }
      strictest = strictest == null ? terms.get() : both(strictest, terms.get());
      if (strictest == null) {
        return null;
      }
    }
    return strictest == null ? null : EventJson.tree(strictest);
  }

  /// Terms that keep within both; none where they sum different facts, for one sum cannot stand for
  /// the other.
  private static @Nullable TrustTerms both(TrustTerms a, TrustTerms b) {
    if (a.of() != null && b.of() != null && !a.of().equals(b.of())) {
      return null;
    }
    boolean bySumOfA =
        b.sum() == null
            || (a.sum() != null && Decimal.of(a.sum()).compareTo(Decimal.of(b.sum())) <= 0);
    return new TrustTerms(
        Math.min(a.calls(), b.calls()),
        a.window().compareTo(b.window()) <= 0 ? a.window() : b.window(),
        bySumOfA ? a.sum() : b.sum(),
        bySumOfA ? a.of() : b.of(),
        both(a.condition(), b.condition()));
  }

  private static @Nullable String both(@Nullable String a, @Nullable String b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.equals(b) ? a : "(" + a + ") && (" + b + ")";
  }
}
