package dev.countersign.ticket.domain;

import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Digest;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What can be asked of a ticket. Time, by the database's clock, and actor come in it.
public sealed interface Command {

  Instant at();

  /// A person answers.
  ///
  /// @param approver who, as proven with `assurance`
  /// @param version the ticket's version that they looked at
  /// @param shown the digest of the prompt that they looked at
  /// @param typed what they typed, by the position of the field in the prompt, from 0
  /// @param reason their guidance to the agent, when they reject
  /// @param proof what a passkey gave for it; there if, and only if, the assurance is `passkey`
  /// @param passkey the credential id of what signed it, or else of what began the session that
  ///   alone vouches for it; absent where no passkey is behind it
  /// @param proven whether what proves it counts at this moment: its passkey is not revoked
  /// @param electorate who may answer at this moment
  /// @param brakes what holds an approval back at this moment
  /// @param trust how far they trust the session from now on, where they do
  record Vote(
      Instant at,
      String approver,
      Assurance assurance,
      Answer answer,
      int version,
      Digest shown,
      Map<Integer, String> typed,
      @Nullable String reason,
      @Nullable Proof proof,
      @Nullable String passkey,
      boolean proven,
      Electorate electorate,
      Brakes brakes,
      @Nullable TrustWish trust)
      implements Command {

    public Vote {
      typed = Map.copyOf(typed);
      if ((assurance == Assurance.PASSKEY) != (proof != null)) {
        throw new IllegalArgumentException("a passkey's vote comes with its proof, and no other");
      }
      if (proof != null && !proof.assertion().credentialId().equals(passkey)) {
        throw new IllegalArgumentException("behind a signed vote is the passkey that signed it");
      }
    }
  }

  /// A standing permission is put in the place of a person's answer.
  record UseTrust(Instant at, SessionTrust trust, Electorate electorate) implements Command {}

  /// Somebody looks whether the votes that stand are enough by now.
  ///
  /// @param electorate who may answer at this moment
  /// @param held whether somebody held the session that asks
  record Judge(Instant at, Electorate electorate, boolean held) implements Command {}

  /// The proposer takes the question back.
  record Cancel(Instant at, @Nullable String by, @Nullable String reason) implements Command {}

  /// The database was put back from a backup in which the question was still open.
  record Restore(Instant at) implements Command {}

  /// Somebody looks whether the deadline has passed.
  record Expire(Instant at) implements Command {}
}
