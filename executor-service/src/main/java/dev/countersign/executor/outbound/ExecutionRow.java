package dev.countersign.executor.outbound;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/// An execution's row, as far as it is shown to others. It is written by the statements of {@link
/// PostgresExecutions} alone.
@Entity
@Immutable
@Table(name = "execution")
class ExecutionRow {

  @Id
  @SuppressWarnings("NullAway.Init") // set by Hibernate
  UUID actionId;

  @SuppressWarnings("NullAway.Init") // set by Hibernate
  String state;

  @SuppressWarnings("NullAway.Init") // set by Hibernate
  String actionDigest;

  int attempt;
  @Nullable Instant startedAt;
  @Nullable Instant finishedAt;
  @Nullable String status;
  @Nullable String resultCode;
  @Nullable String resultDigest;
  @Nullable String resultSummary;
  @Nullable String reasonCode;
  @Nullable String reasonText;

  /// Which run of the executor has it, or had; `redeemed` where a system outside does, and
  /// `reported` once that said how it ended.
  @Nullable String instance;
}
