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

  /// What a statement of our own selects; Hibernate bears no column that it does not know.
  static final String COLUMNS =
      "t.action_id, t.version, t.state, t.action_digest, t.action, t.prompt, t.prompt_digest, t.card,"
          + " t.requirement, t.opened_at, t.expires_at, t.decided_at, t.decided_by, t.reason_code,"
          + " t.reason_text, t.traceparent, t.offer, t.trusted_by, t.toolset, t.tool, t.batch_id,"
          + " t.batch_size, t.alone";

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

  @Nullable String offer;

  @Column(name = "trusted_by")
  @Nullable UUID trustedBy;

  @Nullable String toolset;
  @Nullable String tool;

  @Column(name = "batch_id")
  @Nullable String batchId;

  @Column(name = "batch_size")
  @Nullable Integer batchSize;

  boolean alone;
}
