package dev.countersign.notifier.outbound;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A row of `thread`, as a statement returned it.
@Entity
@Table(name = "thread")
@SuppressWarnings("NullAway.Init") // the columns are not null
class ThreadRow {

  /// Exactly these: Hibernate stumbles over a column that the class does not have.
  static final String COLUMNS =
      "t.action_id, t.title, t.target, t.short_code, t.link, t.expires_at, t.answer, t.set_id,"
          + " t.set_size";

  @Id
  @Column(name = "action_id")
  UUID actionId;

  @Nullable String title;
  @Nullable String target;

  @Column(name = "short_code")
  @Nullable String shortCode;

  @Nullable String link;

  @Column(name = "expires_at")
  @Nullable Instant expiresAt;

  @Nullable String answer;

  @Column(name = "set_id")
  @Nullable String setId;

  @Column(name = "set_size")
  @Nullable Integer setSize;
}
