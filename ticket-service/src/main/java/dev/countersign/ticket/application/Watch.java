package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// Marks that are others once what they stand for has changed, for any number of them at once.
public interface Watch {

  /// The database's clock.
  Uni<Instant> now(Mutiny.StatelessSession session);

  /// By action, of those that are on file: another mark after every change.
  Uni<Map<ActionId, String>> tickets(Mutiny.StatelessSession session, Collection<ActionId> ids);

  /// Somebody who has a page open.
  ///
  /// @param groups those that they stand in now
  /// @param everything whether they see what concerns others alone
  record Reader(String approver, Set<String> groups, boolean everything) {
    public Reader {
      groups = Set.copyOf(groups);
    }
  }

  /// By reader: another mark after every change of the questions that their inbox lists.
  Uni<Map<Reader, String>> inboxes(Mutiny.StatelessSession session, Collection<Reader> readers);

  /// What the page of a set shows: what can be answered together with this ticket now, and what was
  /// looked at with it.
  record SetOf(ActionId actionId, Set<ActionId> also) {
    public SetOf {
      also = Set.copyOf(also);
    }
  }

  /// By set: another mark after every change of one of its tickets, and when one comes in.
  Uni<Map<SetOf, String>> sets(Mutiny.StatelessSession session, Collection<SetOf> sets);

  /// By reader: another mark after every change of the standing permissions that they see.
  Uni<Map<Reader, String>> trusts(Mutiny.StatelessSession session, Collection<Reader> readers);

  /// By reader: another mark when they were asked more or less, and for who sees everything when
  /// anybody was asked, and at the end of a minute in which anybody answered.
  Uni<Map<Reader, String>> attention(Mutiny.StatelessSession session, Collection<Reader> readers);

  /// By reader: another mark when an outcome is to be looked into, or no longer, that their page
  /// lists; empty where it lists none.
  Uni<Map<Reader, String>> unknown(Mutiny.StatelessSession session, Collection<Reader> readers);

  /// By reader: another mark after every change of their passkeys and invitations, and for who sees
  /// everything of anybody's.
  Uni<Map<Reader, String>> passkeys(Mutiny.StatelessSession session, Collection<Reader> readers);
}
