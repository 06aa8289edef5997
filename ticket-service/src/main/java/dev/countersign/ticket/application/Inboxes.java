package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// What waits for people to answer it. Everything happens within the caller's transaction, and by
/// the database's clock.
public interface Inboxes {

  /// How often a ticket's question is asked, itself counted; and how many of those are answered
  /// together with it, 0 where it is not answered with others.
  record Alike(int all, int together) {

    static final Alike NONE = new Alike(1, 0);
  }

  /// Pending tickets that ask one of these groups and that this approver has not voted on, the next
  /// deadline first, those after `after`.
  Uni<List<Docket>> pending(
      Mutiny.StatelessSession session,
      String approver,
      Set<String> groups,
      @Nullable Docket after,
      int atMost);

  /// As `pending`, but of those that ask the same question the first alone.
  Uni<List<Docket>> questions(
      Mutiny.StatelessSession session,
      String approver,
      Set<String> groups,
      @Nullable Docket after,
      int atMost);

  /// How many pending tickets that this approver has not voted on ask the question of each of these
  /// tickets.
  Uni<Map<ActionId, Alike>> countAlike(
      Mutiny.StatelessSession session, String approver, Collection<ActionId> ids);
}
