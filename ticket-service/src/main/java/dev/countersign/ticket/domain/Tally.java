package dev.countersign.ticket.domain;

import dev.countersign.events.Requirement;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// How far the votes on a ticket go at one moment. They are counted anew each time, with that
/// moment's groups and passkeys: who left since they voted fills no seat, nor does a vote whose
/// passkey was revoked.
///
/// @param counting the votes that can fill a seat
/// @param filled how many seats they fill
/// @param needed how many there are
record Tally(List<Vote> counting, int filled, int needed) {

  Tally {
    counting = List.copyOf(counting);
  }

  static Tally of(Collection<Vote> votes, Requirement requirement, Electorate electorate) {
    List<Vote> standing = votes.stream().filter(Vote::stands).toList();
    Set<String> approving = standing.stream().map(Vote::approver).collect(Collectors.toSet());
    List<Approver> seated = electorate.eligibleOf(approving, requirement);
    Set<String> still = seated.stream().map(Approver::id).collect(Collectors.toSet());
    return new Tally(
        standing.stream().filter(each -> still.contains(each.approver())).toList(),
        Seats.filledBy(seated, requirement),
        requirement.votesNeeded());
  }

  boolean isFull() {
    return needed > 0 && filled >= needed;
  }
}
