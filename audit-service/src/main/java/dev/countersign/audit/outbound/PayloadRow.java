package dev.countersign.audit.outbound;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/// A row of `payload`, for reading; its key and headers are kept, and not shown.
@Entity
@Immutable
@Table(name = "payload")
@SuppressWarnings("NullAway.Init") // Hibernate sets the fields
class PayloadRow {

  @Id
  @Column(name = "idx")
  long index;

  /// Absent where the content was erased.
  @Column byte @Nullable [] salt;

  @Column byte @Nullable [] value;
}
