package dev.countersign.ticket.application;

import dev.countersign.ticket.domain.Enrolment;
import dev.countersign.ticket.domain.Invitation;
import dev.countersign.ticket.domain.InvitationId;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Invitations and the passkeys made on them, by the database's clock.
public interface Enrolments {

  /// An enrolment as it stands, with what is noted about it.
  ///
  /// @param now the database's clock when it was read
  record Filed(
      Enrolment enrolment,
      @Nullable Instant madeAt,
      @Nullable Instant confirmedAt,
      @Nullable Instant lastUsedAt,
      Instant now) {}

  /// A code that one more try was made at: a slow hash of it, and how many tries there were.
  @SuppressWarnings("ArrayRecordComponent") // compared by MessageDigest.isEqual alone
  record Tried(byte[] code, int tries) {}

  /// Files an invitation whose code is good for a day.
  Uni<Invitation> invite(
      Mutiny.StatelessSession session, InvitationId id, String approver, String by, byte[] code);

  /// What is on file.
  Uni<Optional<Filed>> find(Mutiny.StatelessSession session, InvitationId id);

  /// What is on file, locked until the transaction ends.
  Uni<Optional<Filed>> lock(Mutiny.StatelessSession session, InvitationId id);

  /// Everything of these people that is not revoked and not over, the oldest first; of everybody
  /// where there are none.
  Uni<List<Filed>> standing(Mutiny.StatelessSession session, Set<String> approvers);

  /// Counts a try at the code; empty where there is no invitation that is good still.
  Uni<Optional<Tried>> tryCode(Mutiny.StatelessSession session, InvitationId id, int mostTries);

  /// A right try is none.
  Uni<Void> untryCode(Mutiny.StatelessSession session, InvitationId id);

  /// Writes what became of an enrolment that is locked; false where its credential is on file
  /// already, under another invitation.
  Uni<Boolean> save(Mutiny.StatelessSession session, Enrolment enrolment);

  /// How many of these people hold a passkey that counts.
  Uni<Integer> withPasskey(Mutiny.StatelessSession session, Set<String> approvers);

  /// Ends the sessions that began with a passkey of this person's.
  Uni<Void> endSessions(Mutiny.StatelessSession session, String approver);

  /// Votes that were given by this passkey, or that only a session vouches for which it began,
  /// count no more on tickets that are pending; on how many that is. Answers stay.
  Uni<Integer> lapseVotes(Mutiny.StatelessSession session, String credentialId);
}
