package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Answer;
import dev.countersign.events.VoteChallenge;
import dev.countersign.ticket.application.CastVote.Ballot;
import dev.countersign.ticket.domain.Brakes;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Refusal;
import dev.countersign.ticket.domain.Votes;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An approver has their answers to a set signed by their passkey: one assertion over the list. A
/// member that was answered meanwhile is signed with the others and refused when the votes are
/// counted; it does not spoil them.
@ApplicationScoped
public class SignSet {

  private final FindTickets find;
  private final PasskeyVotes votes;

  @Inject
  SignSet(FindTickets find, PasskeyVotes votes) {
    this.find = find;
    this.votes = votes;
  }

  /// Asks for the signature; the tickets do not change. Each ballot is about a member of the set.
  public Uni<SignBallot.Asking> ask(String approver, ReviewSet set, Map<ActionId, Ballot> ballots) {
    List<Docket> waiting =
        set.members().stream()
            .filter(
                each -> each.standing() == Standing.PENDING && ballots.containsKey(each.actionId()))
            .toList();
    if (waiting.isEmpty()) {
      return Uni.createFrom().item(new SignBallot.Asking.Vain(Refusal.ALREADY_DECIDED));
    }
    List<Docket> approving =
        waiting.stream()
            .filter(each ->
                Objects.requireNonNull(ballots.get(each.actionId())).answer() == Answer.APPROVE)
            .toList();
    return find.brakes(approving, approver)
        .map(brakes -> vain(waiting, approving, brakes))
        .chain(vain ->
            vain.isPresent()
                ? Uni.createFrom().item(new SignBallot.Asking.Vain(vain.get()))
                : begin(approver, votes(set, ballots)));
  }

  /// Why nobody is bothered for a signature: nothing of it would be taken, or the pause is not over
  /// that is there to have it read. What is held beside others is refused when they are counted.
  private static Optional<Refusal> vain(
      List<Docket> waiting, List<Docket> approving, Map<ActionId, Brakes> brakes) {
    if (approving.size() == waiting.size() && brakes.values().stream().allMatch(Brakes::held)) {
      return Optional.of(Refusal.HELD);
    }
    return approving.stream()
            .anyMatch(each ->
                Objects.requireNonNull(brakes.get(each.actionId()))
                    .pace()
                    .opens(each.now())
                    .isPresent())
        ? Optional.of(Refusal.TOO_SOON)
        : Optional.empty();
  }

  private Uni<SignBallot.Asking> begin(String approver, Votes asked) {
    return votes
        .begin(approver, asked)
        .map(begun ->
            switch (begun) {
              case PasskeyVotes.Begun.Asked it -> new SignBallot.Asking.Asked(it);
              case PasskeyVotes.Begun.Refused refused ->
                  new SignBallot.Asking.Refused(refused.refusal());
            });
  }

  /// Whether the signature is there; the ballots as they were posted are what must have been
  /// signed.
  public Uni<PasskeyVotes.Verified> take(
      String approver,
      ReviewSet set,
      Map<ActionId, Ballot> ballots,
      @Nullable String ceremony,
      @Nullable String assertion) {
    return votes.verify(approver, ceremony, assertion, votes(set, ballots));
  }

  private static Votes votes(ReviewSet set, Map<ActionId, Ballot> ballots) {
    List<VoteChallenge.Item> items = new ArrayList<>();
    for (Docket each : set.members()) {
      Question question = each.question();
      Ballot ballot = ballots.get(each.actionId());
      if (question != null && ballot != null) {
        items.add(PasskeyVotes.item(each.actionId(), question, ballot, null));
      }
    }
    return Votes.ofSet(items);
  }
}
