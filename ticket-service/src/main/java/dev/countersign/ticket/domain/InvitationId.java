package dev.countersign.ticket.domain;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.countersign.events.ActionId;
import java.util.UUID;

/// Which invitation, and the passkey that was made on it. It is the id of its events too.
public record InvitationId(UUID value) {

  /// Throws `IllegalArgumentException` where the text is not a UUID in its full 36 characters.
  public static InvitationId of(String text) {
    return new InvitationId(ActionId.of(text).value());
  }

  /// What its events are about.
  public ActionId asActionId() {
    return new ActionId(value);
  }

  @JsonValue
  @Override
  public String toString() {
    return value.toString();
  }
}
