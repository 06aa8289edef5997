package dev.countersign.gateway.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.Execution;
import dev.countersign.events.Expired;
import dev.countersign.events.Notification;
import dev.countersign.events.Oversight;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.TicketSeen;
import dev.countersign.events.Verdict;
import dev.countersign.gateway.domain.Origin;
import dev.countersign.gateway.domain.Progress;
import dev.countersign.messaging.Received;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Where the facts about actions are kept. Each kind of event has a place of its own, which the
/// first that comes fills for good, but for what people found out, which they may correct; an
/// action that nobody knew yet becomes known by any of them.
public interface Actions {

  /// What is kept of a proposal made here.
  ///
  /// @param batch the id of the one that it belongs to
  record Proposal(
      ActionId actionId,
      Origin origin,
      Digest digest,
      String traceparent,
      @Nullable String batch) {}

  /// Takes these in, ids all different, and returns those whose ids were free.
  Uni<Set<ActionId>> insert(Mutiny.StatelessSession session, Collection<Proposal> proposals);

  /// Those of these ids that are taken, and not by what was proposed here in this batch.
  Uni<Set<ActionId>> outside(
      Mutiny.StatelessSession session, String batch, Collection<ActionId> ids);

  /// The progress of those of these actions that are known and whose version is above the given
  /// one; 0 finds any.
  Uni<List<Progress>> find(Mutiny.StatelessSession session, Map<ActionId, Long> newerThan);

  /// Which actions to list; null is any.
  ///
  /// @param before only those that became known before this one
  record Range(
      @Nullable String agent,
      @Nullable String platform,
      @Nullable String session,
      @Nullable Long before) {}

  /// @param number the place in the order in which actions became known
  record Listed(Progress progress, long number) {}

  /// @param more whether others of the range became known before the last of these
  record Listing(List<Listed> actions, boolean more) {}

  /// So many at most, the newest first: fewer where they are large, and one at least.
  Uni<Listing> list(Mutiny.StatelessSession session, Range range, int most);

  /// Notes that its proposer wants it cancelled and returns its traceparent; empty where it is
  /// unknown, answered already or was asked for before.
  Uni<Optional<String>> askToCancel(Mutiny.StatelessSession session, ActionId actionId);

  Uni<Void> verdicts(Mutiny.StatelessSession session, List<Received<Verdict>> events);

  Uni<Void> ticketsOpened(Mutiny.StatelessSession session, List<Received<TicketOpened>> events);

  Uni<Void> ticketsSeen(Mutiny.StatelessSession session, List<Received<TicketSeen>> events);

  Uni<Void> notifications(Mutiny.StatelessSession session, List<Received<Notification>> events);

  Uni<Void> decisions(Mutiny.StatelessSession session, List<Received<Decision>> events);

  Uni<Void> expired(Mutiny.StatelessSession session, List<Received<Expired>> events);

  Uni<Void> executions(Mutiny.StatelessSession session, List<Received<Execution>> events);

  /// What people found; of several findings about one action the last one counts.
  Uni<Void> reconciled(Mutiny.StatelessSession session, List<Received<Oversight>> events);
}
