package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.UUID;
import java.util.regex.Pattern;

/// The proposer's name for one action: idempotency key, ticket id and correlation id (RFC 9562, 36
/// characters, printed in lower case).
public record ActionId(UUID value) implements Comparable<ActionId> {

  private static final Pattern FORM =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  /// Throws `IllegalArgumentException` where the text is not a UUID in its full 36 characters.
  @JsonCreator
  public static ActionId of(String text) {
    // UUID.fromString also takes "1-2-3-4-5": two spellings of one id would be two Kafka keys.
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException("actionId must be a UUID of 36 characters");
    }
    return new ActionId(UUID.fromString(text));
  }

  @JsonValue
  @Override
  public String toString() {
    return value.toString();
  }

  @Override
  public int compareTo(ActionId other) {
    return value.compareTo(other.value);
  }
}
