package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Batch;
import dev.countersign.events.Reason;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Ticket;
import dev.countersign.ticket.domain.Vote;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// All that is on file about one action.
///
/// @param question absent where people were never asked
/// @param trust the standing permission that answered it, where one did
/// @param batch what it is answered together with; absent where it is asked about alone
/// @param hold the hold upon the session that asks, where there is one
/// @param now the database's clock when it was read
public record Docket(
    ActionId actionId,
    Standing standing,
    int version,
    @Nullable Question question,
    List<Vote> votes,
    @Nullable Instant decidedAt,
    @Nullable String decidedBy,
    @Nullable Reason reason,
    String traceparent,
    @Nullable ActionId trust,
    @Nullable Batch batch,
    @Nullable Hold hold,
    Instant now) {

  public Docket {
    votes = List.copyOf(votes);
  }

  /// The ticket, where there is one: not where the answer was given at once or is yet to come.
  public Optional<Ticket> ticket() {
    if (question == null) {
      return Optional.empty();
    }
    if (standing == Standing.PENDING) {
      return Optional.of(new Ticket.Pending(actionId, version, question, votes));
    }
    if (decidedAt == null || reason == null) {
      return Optional.empty();
    }
    return switch (standing) {
      case APPROVED -> Optional.of(new Ticket.Approved(actionId, decidedAt, reason, votes, trust));
      case REJECTED ->
          Optional.of(new Ticket.Rejected(actionId, decidedAt, reason, String.valueOf(decidedBy)));
      case EXPIRED -> Optional.of(new Ticket.Expired(actionId, decidedAt, reason));
      case CANCELLED -> Optional.of(new Ticket.Cancelled(actionId, decidedAt, reason));
      case PENDING, DENIED, REFUSED, CANCEL_FIRST -> Optional.empty();
    };
  }
}
