package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Answer;
import dev.countersign.events.Digest;
import dev.countersign.events.StandingPermission;
import dev.countersign.ticket.application.CastVote.Ballot;
import dev.countersign.ticket.domain.Brakes;
import dev.countersign.ticket.domain.PasskeyRefusal;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Refusal;
import dev.countersign.ticket.domain.TrustOffer;
import dev.countersign.ticket.domain.TrustWish;
import dev.countersign.ticket.domain.Votes;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An approver has their answer to one ticket signed by their passkey.
@ApplicationScoped
public class SignBallot {

  /// What came of asking for it.
  public sealed interface Asking {
    record Asked(PasskeyVotes.Begun.Asked asked) implements Asking {}

    /// Nothing of it could be signed.
    record Refused(PasskeyRefusal refusal) implements Asking {}

    /// It would not be taken anyhow: nobody is bothered for it.
    record Vain(Refusal refusal) implements Asking {}
  }

  private final FindTickets find;
  private final PasskeyVotes votes;

  @Inject
  SignBallot(FindTickets find, PasskeyVotes votes) {
    this.find = find;
    this.votes = votes;
  }

  /// Asks for the signature; the ticket does not change.
  public Uni<Asking> ask(ActionId id, Ballot ballot) {
    return ask(id, ballot, false);
  }

  /// Asks for the signature of a no by one who did not expect this: it holds the session even where
  /// somebody else answered first.
  public Uni<Asking> askToHold(ActionId id, Ballot ballot) {
    return ask(id, ballot, true);
  }

  private Uni<Asking> ask(ActionId id, Ballot ballot, boolean holds) {
    return find.find(id)
        .chain(docket -> {
          Optional<Refusal> vain = vain(docket, ballot, holds);
          return vain.isPresent() || docket.isEmpty()
              ? Uni.createFrom().item(new Asking.Vain(vain.orElse(Refusal.NOT_ELIGIBLE)))
              : find.brakes(docket.get(), ballot.approver())
                  .chain(brakes -> ask(id, ballot, docket.get(), brakes));
        });
  }

  private Uni<Asking> ask(ActionId id, Ballot ballot, Docket docket, Brakes brakes) {
    if (ballot.answer() == Answer.APPROVE) {
      if (brakes.held()) {
        return Uni.createFrom().item(new Asking.Vain(Refusal.HELD));
      }
      if (brakes.pace().opens(docket.now()).isPresent()) {
        return Uni.createFrom().item(new Asking.Vain(Refusal.TOO_SOON));
      }
    }
    return ask(id, ballot, docket);
  }

  private Optional<Refusal> vain(Optional<Docket> docket, Ballot ballot, boolean holds) {
    if (docket.isEmpty() || !find.mayAnswer(docket.get(), ballot.approver())) {
      return Optional.of(Refusal.NOT_ELIGIBLE);
    }
    Question question = docket.get().question();
    boolean pending = docket.get().standing() == Standing.PENDING;
    if (question == null || !(pending || holds)) {
      return Optional.of(Refusal.ALREADY_DECIDED);
    }
    if ((pending && !holds && ballot.version() != docket.get().version())
        || !ballot.shown().equals(question.promptDigest())) {
      return Optional.of(Refusal.STALE);
    }
    return ballot.givesTrust() && trust(question, ballot).isEmpty()
        ? Optional.of(Refusal.TRUST_TOO_WIDE)
        : Optional.empty();
  }

  /// The digest of what the ballot permits beyond its own action, where it permits anything.
  private static Optional<Digest> trust(Question question, Ballot ballot) {
    TrustWish wish = ballot.trust();
    return wish == null || !ballot.givesTrust()
        ? Optional.empty()
        : TrustOffer.permission(question, wish).map(StandingPermission::digest);
  }

  private Uni<Asking> ask(ActionId id, Ballot ballot, Docket docket) {
    return votes
        .begin(ballot.approver(), votes(id, docket, ballot))
        .map(begun ->
            switch (begun) {
              case PasskeyVotes.Begun.Asked asked -> new Asking.Asked(asked);
              case PasskeyVotes.Begun.Refused refused -> new Asking.Refused(refused.refusal());
            });
  }

  /// Whether the signature is there; the ballot as it was posted is what must have been signed.
  public Uni<PasskeyVotes.Verified> take(
      ActionId id, Ballot ballot, @Nullable String ceremony, @Nullable String assertion) {
    return find.find(id)
        .chain(docket ->
            docket.isEmpty() || docket.get().question() == null
                ? Uni.createFrom().item(new PasskeyVotes.Verified.Refused(PasskeyRefusal.MISMATCH))
                : votes.verify(
                    ballot.approver(), ceremony, assertion, votes(id, docket.get(), ballot)));
  }

  private static Votes votes(ActionId id, Docket docket, Ballot ballot) {
    Question question = Objects.requireNonNull(docket.question());
    return Votes.of(PasskeyVotes.item(id, question, ballot, trust(question, ballot).orElse(null)));
  }
}
