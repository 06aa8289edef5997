package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.VoteChallenge;
import dev.countersign.ticket.application.CastVote.Ballot;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Refusal;
import dev.countersign.ticket.domain.Votes;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An approver has their answers to a set signed by their passkey: one assertion over the list. A
/// member that was answered meanwhile is signed with the others and refused when the votes are
/// counted; it does not spoil them.
@ApplicationScoped
public class SignSet {

  private final PasskeyVotes votes;

  @Inject
  SignSet(PasskeyVotes votes) {
    this.votes = votes;
  }

  /// Asks for the signature; the tickets do not change. Each ballot is about a member of the set.
  public Uni<SignBallot.Asking> ask(String approver, ReviewSet set, Map<ActionId, Ballot> ballots) {
    boolean waits =
        set.members().stream()
            .anyMatch(each ->
                each.standing() == Standing.PENDING && ballots.containsKey(each.actionId()));
    if (!waits) {
      return Uni.createFrom().item(new SignBallot.Asking.Vain(Refusal.ALREADY_DECIDED));
    }
    return votes
        .begin(approver, votes(set, ballots))
        .map(begun ->
            switch (begun) {
              case PasskeyVotes.Begun.Asked asked -> new SignBallot.Asking.Asked(asked);
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
