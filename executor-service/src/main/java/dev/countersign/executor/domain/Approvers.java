package dev.countersign.executor.domain;

import dev.countersign.events.Assurance;
import dev.countersign.verifier.Grant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// How many different people approved an action, by how sure it is of each at least.
public record Approvers(Map<Assurance, Integer> atLeast) {

  public static final Approvers NONE = new Approvers(Map.of());

  public Approvers {
    atLeast = Map.copyOf(atLeast);
  }

  public static Approvers of(List<Grant.Approval> approvals) {
    Map<Assurance, Integer> atLeast = new EnumMap<>(Assurance.class);
    for (Assurance each : Assurance.values()) {
      atLeast.put(
          each,
          (int)
              approvals.stream()
                  .filter(approval -> approval.assurance().satisfies(each))
                  .map(Grant.Approval::approver)
                  .distinct()
                  .count());
    }
    return new Approvers(atLeast);
  }

  int count(Assurance assurance) {
    return atLeast.getOrDefault(assurance, 0);
  }
}
