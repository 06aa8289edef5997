package dev.countersign.ticket.application;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Which ceremony an answer of a passkey belongs to. Known to the page that began it.
public record CeremonyId(UUID value) {

  /// The id that stands in a form; empty where nothing of ours does.
  static Optional<CeremonyId> of(@Nullable String text) {
    try {
      return Optional.ofNullable(text).map(UUID::fromString).map(CeremonyId::new);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  @JsonValue
  @Override
  public String toString() {
    return value.toString();
  }
}
