package dev.countersign.policy.outbound;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// An action that has been answered. Written set-wise by {@link PostgresVerdicts}.
@Entity
@Table(name = "verdict")
class VerdictRow {

  @Id
  @Column(name = "action_id")
  @Nullable UUID actionId;

  @Column(name = "identity")
  @Nullable String identity;

  @Column(name = "outcome")
  @Nullable String outcome;

  @Column(name = "decided_at")
  @Nullable Instant decidedAt;
}
