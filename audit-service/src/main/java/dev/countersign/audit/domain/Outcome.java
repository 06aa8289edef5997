package dev.countersign.audit.domain;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Topics;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// How far an action came, in the gateway's words. What comes later in an action's life is of a
/// higher rank, whenever it was logged; of two of one rank the first stands.
public enum Outcome {
  RECEIVED(0),
  WAITING(1),
  APPROVED(2),
  REJECTED(2),
  DENIED(2),
  EXPIRED(2),
  CANCELLED(2),
  REFUSED(2),
  SUCCEEDED(3),
  FAILED(3),
  PRECONDITION_FAILED(3),
  UNKNOWN(3);

  private final int rank;

  Outcome(int rank) {
    this.rank = rank;
  }

  public int rank() {
    return rank;
  }

  /// As it stands in JSON and in an address.
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The outcome of this word.
  public static Optional<Outcome> of(String word) {
    return Arrays.stream(values()).filter(each -> each.word().equals(word)).findFirst();
  }

  /// What an event of a topic says of it.
  static Optional<Outcome> said(String topic, JsonNode event) {
    return switch (topic) {
      case Topics.ACTION_PROPOSED -> Optional.of(RECEIVED);
      case Topics.TICKET_OPENED -> Optional.of(WAITING);
      case Topics.EXPIRED -> Optional.of(EXPIRED);
      case Topics.DECISION -> of(event.path("outcome").asText());
      case Topics.EXECUTION -> of(event.path("status").asText());
      default -> Optional.empty();
    };
  }
}
