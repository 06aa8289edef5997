package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.VoteChallenge;
import dev.countersign.ticket.domain.PasskeyRefusal;
import dev.countersign.ticket.domain.Proof;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Votes;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Has votes signed by a passkey: says what is to be signed, and later whether it was.
///
/// ```
/// begin ──► ceremony (single use, five minutes) ──► the browser and its passkey
///                                                          │ assertion
/// cast the votes ◄── Proof ◄── verify ◄────────────────────┘
/// ```
///
/// The challenge is made anew from the votes as they are cast, so an answer that was flipped on the
/// way, or an assertion that was given for something else, is not what was signed.
@ApplicationScoped
public class PasskeyVotes {

  /// What came of asking.
  public sealed interface Begun {
    /// What the page hands to the browser; it sends the ceremony back with what the browser gives.
    record Asked(CeremonyId ceremony, RequestOptions publicKey) implements Begun {}

    record Refused(PasskeyRefusal refusal) implements Begun {}
  }

  /// What came of an assertion.
  public sealed interface Verified {
    /// Good for each vote that was asked about.
    record Proven(Proof proof) implements Verified {}

    record Refused(PasskeyRefusal refusal) implements Verified {}
  }

  private final Mutiny.SessionFactory database;
  private final Ceremonies ceremonies;
  private final HoldCeremony hold;
  private final Passkeys passkeys;
  private final CheckAssertion check;
  private final WebAuthn webAuthn;

  @Inject
  PasskeyVotes(
      Mutiny.SessionFactory database,
      Ceremonies ceremonies,
      HoldCeremony hold,
      Passkeys passkeys,
      CheckAssertion check,
      WebAuthn webAuthn) {
    this.database = database;
    this.ceremonies = ceremonies;
    this.hold = hold;
    this.passkeys = passkeys;
    this.check = check;
    this.webAuthn = webAuthn;
  }

  /// The vote of this ballot as a passkey signs it.
  ///
  /// @param trust the digest of the standing permission that is given with it
  public static VoteChallenge.Item item(
      ActionId id, Question question, CastVote.Ballot ballot, @Nullable Digest trust) {
    return new VoteChallenge.Item(
        id,
        ballot.version(),
        question.actionDigest(),
        ballot.shown(),
        ballot.answer(),
        ballot.approver(),
        question.expiresAt(),
        trust);
  }

  /// Whether this person has a passkey that votes can be given with.
  public Uni<Boolean> canSign(String approver) {
    return database
        .withStatelessSession(session -> passkeys.confirmed(session, approver))
        .map(confirmed -> !confirmed.isEmpty());
  }

  /// Asks this approver's passkey for votes of theirs.
  public Uni<Begun> begin(String approver, Votes votes) {
    Ceremonies.Ceremony ceremony = hold.make(Ceremonies.Purpose.VOTE, approver, content(votes));
    return database.withStatelessTransaction(session ->
        passkeys
            .confirmed(session, approver)
            .chain(confirmed -> {
              if (confirmed.isEmpty()) {
                return Uni.createFrom().item(new Begun.Refused(PasskeyRefusal.NO_PASSKEY));
              }
              Begun asked =
                  new Begun.Asked(
                      ceremony.id(),
                      RequestOptions.of(
                          votes.challenge(ceremony.nonceBytes()), webAuthn.rpId(), confirmed));
              return ceremonies.put(session, ceremony).replaceWith(asked);
            }));
  }

  /// Whether what the browser sent is this approver's passkey saying exactly these votes. The
  /// ceremony is used up, whatever comes of it.
  public Uni<Verified> verify(
      String approver, @Nullable String ceremony, @Nullable String assertion, Votes votes) {
    return hold.take(ceremony, Ceremonies.Purpose.VOTE)
        .chain(taken -> {
          if (taken.isEmpty()) {
            return refused(PasskeyRefusal.CEREMONY_OVER);
          }
          Optional<AssertionResponse> response = AssertionResponse.parse(assertion);
          if (response.isEmpty()) {
            return refused(PasskeyRefusal.UNREADABLE);
          }
          return isAbout(taken.get(), approver, votes)
              ? verify(approver, taken.get(), response.get(), votes)
              : refused(PasskeyRefusal.MISMATCH);
        });
  }

  private Uni<Verified> verify(
      String approver, Ceremonies.Ceremony ceremony, AssertionResponse response, Votes votes) {
    return check
        .check(votes.challenge(ceremony.nonceBytes()), response, approver)
        .map(checked ->
            switch (checked) {
              case CheckAssertion.Result.Signed signed ->
                  new Verified.Proven(
                      new Proof(ceremony.nonce(), signed.assertion(), votes.items(), votes.set()));
              case CheckAssertion.Result.Refused refused -> new Verified.Refused(refused.refusal());
            });
  }

  // The challenge would tell too; but that somebody tried is no riddle to be left to a signature.
  private static boolean isAbout(Ceremonies.Ceremony ceremony, String approver, Votes votes) {
    return approver.equals(ceremony.subject()) && ceremony.content().equals(content(votes));
  }

  private static String content(Votes votes) {
    return EventJson.tree(votes).toString();
  }

  private static Uni<Verified> refused(PasskeyRefusal refusal) {
    return Uni.createFrom().item(new Verified.Refused(refusal));
  }
}
