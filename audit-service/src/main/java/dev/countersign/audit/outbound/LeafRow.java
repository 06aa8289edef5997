package dev.countersign.audit.outbound;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/// A row of `leaf`, for reading, member by member.
@Entity
@Immutable
@Table(name = "leaf")
@SuppressWarnings("NullAway.Init") // Hibernate sets the fields
class LeafRow {

  @Id
  @Column(name = "idx")
  long index;

  @Column(nullable = false)
  String entry;

  @Column(name = "action_id")
  @Nullable UUID actionId;

  @Column(nullable = false)
  String topic;
}
