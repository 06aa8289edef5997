package dev.countersign.notifier.outbound;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A row of `message`, as a statement returned it. Statements write it, set by set; nothing writes
/// through this class.
@Entity
@Table(name = "message")
@SuppressWarnings("NullAway.Init") // the columns are not null
class MessageRow {

  /// Exactly these: Hibernate stumbles over a column that the class does not have.
  static final String COLUMNS =
      "m.id, m.action_id, m.recipient, m.step, m.channel, m.message_id, m.traceparent, m.state,"
          + " m.reason, m.attempt";

  @Id long id;

  @Column(name = "action_id")
  UUID actionId;

  String recipient;
  String step;
  String channel;

  @Column(name = "message_id")
  String messageId;

  @Nullable String traceparent;
  String state;
  @Nullable String reason;
  int attempt;
}
