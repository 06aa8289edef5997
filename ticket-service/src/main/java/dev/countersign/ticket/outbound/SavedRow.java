package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Reason;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.Standing;
import dev.countersign.ticket.application.Tickets;
import dev.countersign.ticket.domain.Ticket;
import dev.countersign.ticket.domain.Vote;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Rows of `vote` and `ticket` as a command leaves them.
final class SavedRow {

  private SavedRow() {}

  static ObjectNode of(Tickets.Decided decided, Vote vote) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("action_id", decided.docket().actionId().toString())
        .put("approver", vote.approver())
        .put("answer", vote.answer().name().toLowerCase(Locale.ROOT))
        .put("assurance", vote.assurance().name().toLowerCase(Locale.ROOT))
        .put("at", vote.at().toString())
        .put("credential", vote.passkey())
        .put(
            "attestation",
            Columns.json(
                Objects.requireNonNull(decided.attestation(), "a vote that counts is attested")));
  }

  static ObjectNode of(Docket docket, Ticket next) {
    return switch (next) {
      case Ticket.Pending _ -> of(docket, Standing.PENDING, null, null, null);
      case Ticket.Approved it ->
          of(docket, Standing.APPROVED, it.at(), it.reason(), null)
              .put("trust", it.trust() == null ? null : it.trust().toString());
      case Ticket.Rejected it -> of(docket, Standing.REJECTED, it.at(), it.reason(), it.by());
      case Ticket.Expired it -> of(docket, Standing.EXPIRED, it.at(), it.reason(), null);
      case Ticket.Cancelled it -> of(docket, Standing.CANCELLED, it.at(), it.reason(), null);
    };
  }

  private static ObjectNode of(
      Docket docket,
      Standing standing,
      @Nullable Instant at,
      @Nullable Reason reason,
      @Nullable String by) {
    ObjectNode row =
        JsonNodeFactory.instance
            .objectNode()
            .put("action_id", docket.actionId().toString())
            .put("version", docket.version())
            .put("state", standing.word())
            .put("at", at == null ? null : at.toString())
            .put("by", by);
    if (reason != null) {
      Columns.reason(row, reason);
    }
    return row;
  }
}
