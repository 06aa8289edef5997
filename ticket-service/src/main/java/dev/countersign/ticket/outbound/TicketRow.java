package dev.countersign.ticket.outbound;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A row of `ticket`, as it is read. It is written set-wise, by statements.
@Entity
@Table(name = "ticket")
@SuppressWarnings("NullAway.Init") // Hibernate fills it
class TicketRow {

  @Id
  @Column(name = "action_id")
  UUID actionId;

  @Version int version;

  String state;

  @Column(name = "action_digest")
  @Nullable String actionDigest;

  @Nullable String action;
  @Nullable String prompt;

  @Column(name = "prompt_digest")
  @Nullable String promptDigest;

  @Nullable String card;
  @Nullable String requirement;

  @Column(name = "opened_at")
  Instant openedAt;

  @Column(name = "expires_at")
  @Nullable Instant expiresAt;

  @Column(name = "decided_at")
  @Nullable Instant decidedAt;

  @Column(name = "decided_by")
  @Nullable String decidedBy;

  @Column(name = "reason_code")
  @Nullable String reasonCode;

  @Column(name = "reason_text")
  @Nullable String reasonText;

  String traceparent;
}
