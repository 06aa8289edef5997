package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.ticket.domain.Asking;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// Who was told of which ticket. Everything happens within the caller's transaction.
public interface Prompts {

  /// Until the transaction ends, nobody else opens or ends a ticket that asks one of these: of two
  /// copies one is told of, and where the first ends as the second opens, the second is.
  Uni<Void> order(Mutiny.StatelessSession session, Collection<Digest> questions);

  /// Who was told of the questions that these ask, while other tickets that ask them are pending.
  Uni<Map<Digest, Set<String>>> told(Mutiny.StatelessSession session, List<Asking> askings);

  /// Notes whom a message is to reach where that is not all who may answer.
  Uni<Void> prompt(Mutiny.StatelessSession session, Map<ActionId, List<String>> people);

  /// Of each question that these tickets asked, and that people were told of by them, the pending
  /// ticket with the next deadline that asks the same of the same groups, with those who were told
  /// of it. One that somebody is just answering is passed over; where there is no other, the vote
  /// may not be its answer, and the ended ticket is kept among the unasked. Their questions are put
  /// in order first.
  Uni<Map<ActionId, List<String>>> next(
      Mutiny.StatelessSession session, Collection<ActionId> ended);

  /// Takes ended tickets out of the unasked.
  Uni<List<ActionId>> takeUnasked(Mutiny.StatelessSession session, int atMost);
}
