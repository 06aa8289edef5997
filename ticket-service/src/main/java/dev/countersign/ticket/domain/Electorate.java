package dev.countersign.ticket.domain;

import dev.countersign.events.Requirement;
import dev.countersign.events.Seats;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Who may answer one ticket as things stand now.
///
/// @param approvers all people of the operator's file who can be reached: nobody else can sign in
///   and answer
/// @param behind the ids of those who are behind the request: who asked, whom the agent belongs to,
///   whom it acts for
public record Electorate(List<Approver> approvers, Set<String> behind) {

  public Electorate {
    approvers = List.copyOf(approvers);
    behind = Set.copyOf(behind);
  }

  /// Those whose answer would count, in the order of the operator's file.
  public List<Approver> eligible(Requirement requirement) {
    return approvers.stream()
        // Four eyes: the proposer's own vote would leave the quorum one pair short.
        .filter(each -> !behind.contains(each.id()))
        .filter(each -> Seats.hasOneFor(each.groups(), requirement))
        .toList();
  }

  /// Those of these people who are still eligible.
  List<Approver> eligibleOf(Collection<String> ids, Requirement requirement) {
    return eligible(requirement).stream().filter(each -> ids.contains(each.id())).toList();
  }

  Optional<Approver> find(String id) {
    return approvers.stream().filter(each -> each.id().equals(id)).findFirst();
  }
}
