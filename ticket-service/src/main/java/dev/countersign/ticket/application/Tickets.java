package dev.countersign.ticket.application;

import dev.countersign.events.ActionCancelled;
import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.messaging.Received;
import dev.countersign.ticket.domain.Outcome;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Where the answers stand. Everything happens within the caller's transaction, and by the
/// database's clock.
public interface Tickets {

  /// A row that a transaction added: its time, and the deadline where people are asked.
  record Filed(Instant at, @Nullable Instant expiresAt) {}

  /// An action that was taken back before its verdict came, now answered.
  record TakenBack(Instant at, @Nullable String said) {}

  /// A ticket whose deadline passed.
  record Lapsed(ActionId actionId, Instant at, String traceparent) {}

  /// What a command did to the ticket of this docket.
  ///
  /// @param attestation of the vote that counts now, where one does
  record Decided(Docket docket, Outcome outcome, @Nullable DsseEnvelope attestation) {

    /// Before what was voted is signed.
    Decided(Docket docket, Outcome outcome) {
      this(docket, outcome, null);
    }
  }

  /// Adds those that are new; the others are left as they are and not in the answer.
  Uni<Map<ActionId, Filed>> file(
      Mutiny.StatelessSession session, List<Received<Judgement>> judgements);

  /// Answers `cancelled` those of these that were taken back beforehand.
  Uni<Map<ActionId, TakenBack>> settleTakenBack(
      Mutiny.StatelessSession session, List<Received<Judgement>> judgements);

  /// The digests under which these actions are on file; an absent digest is an empty one.
  Uni<Map<ActionId, Optional<Digest>>> digests(
      Mutiny.StatelessSession session, Collection<ActionId> ids);

  /// Remembers a cancellation for each action that is not on file yet, and names those.
  Uni<Set<ActionId>> remember(
      Mutiny.StatelessSession session, List<Received<ActionCancelled>> cancellations);

  /// What is on file, the rows locked until the transaction ends, so that commands on one ticket
  /// come one after the other.
  Uni<List<Docket>> lock(Mutiny.StatelessSession session, Collection<ActionId> ids);

  /// What is on file.
  Uni<Optional<Docket>> find(Mutiny.StatelessSession session, ActionId id);

  /// What is on file, in no order; nothing where nothing is.
  Uni<List<Docket>> find(Mutiny.StatelessSession session, Collection<ActionId> ids);

  /// The database's clock.
  Uni<Instant> now(Mutiny.StatelessSession session);

  /// Writes what commands did to tickets that are locked, votes with their attestations.
  Uni<Void> save(Mutiny.StatelessSession session, List<Decided> decided);

  /// Some of those that are pending.
  Uni<List<ActionId>> pending(Mutiny.StatelessSession session, int atMost);

  /// What was judged before this has no effect any more: the database was put back from a backup.
  Uni<Optional<Instant>> voidsBefore(Mutiny.StatelessSession session);

  /// Expires tickets whose deadline has passed.
  Uni<List<Lapsed>> expire(Mutiny.StatelessSession session, int atMost);

  /// Pending tickets that at least as many people have voted on as they need, in the order of their
  /// ids: those after `after`, or the first.
  Uni<List<ActionId>> votedEnough(
      Mutiny.StatelessSession session, @Nullable ActionId after, int atMost);

  /// Notes that somebody looked at these tickets; those at which it was their first look.
  Uni<Set<ActionId>> see(
      Mutiny.StatelessSession session, Collection<ActionId> ids, String approver);

  /// Wakes whoever waits for deadlines: one has come that is nearer than the next look.
  Uni<Void> wakeExpiry(Mutiny.StatelessSession session);
}
