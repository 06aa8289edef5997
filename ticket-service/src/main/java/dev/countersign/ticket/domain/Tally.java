package dev.countersign.ticket.domain;

import dev.countersign.events.Answer;
import dev.countersign.events.Requirement;
import dev.countersign.events.Seats;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// How far the votes on a ticket go at one moment. They are counted anew each time, with that
/// moment's groups and passkeys: who left since they voted fills no seat, nor does a vote whose
/// passkey was revoked.
///
/// @param counting the votes that fill a seat, one each: more than are needed of one group stand,
///   and prove nothing that an approval rests on
/// @param needed how many seats there are
/// @param empty those that nobody fills yet
public record Tally(List<Vote> counting, int needed, List<Requirement.Quorum> empty) {

  public Tally {
    counting = List.copyOf(counting);
    empty = List.copyOf(empty);
  }

  /// Of these votes: a no fills none.
  public static Tally of(Collection<Vote> votes, Requirement requirement, Electorate electorate) {
    List<Vote> standing =
        votes.stream().filter(vote -> vote.stands() && vote.answer() == Answer.APPROVE).toList();
    Set<String> approving = standing.stream().map(Vote::approver).collect(Collectors.toSet());
    List<Approver> seated = electorate.eligibleOf(approving, requirement);
    Seats<Approver> seats = Seats.filledBy(seated, Approver::groups, requirement);
    Set<String> filling = seats.fillers().stream().map(Approver::id).collect(Collectors.toSet());
    return new Tally(
        standing.stream().filter(each -> filling.contains(each.approver())).toList(),
        requirement.votesNeeded(),
        seats.empty());
  }

  public int filled() {
    return counting.size();
  }

  boolean isFull() {
    return needed > 0 && filled() >= needed;
  }
}
