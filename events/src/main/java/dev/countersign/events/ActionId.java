package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.HexFormat;
import java.util.UUID;

/// The proposer's name for one action: idempotency key, ticket id and correlation id (RFC 9562, 36
/// characters, printed in lower case).
public record ActionId(UUID value) implements Comparable<ActionId> {

  private static final int LENGTH = 36;

  /// Throws `IllegalArgumentException` where the text is not a UUID in its full 36 characters.
  @JsonCreator
  public static ActionId of(String text) {
    // UUID.fromString also takes "1-2-3-4-5": two spellings of one id would be two Kafka keys.
    if (!isUuid(text)) {
      throw new IllegalArgumentException("actionId must be a UUID of 36 characters");
    }
    return new ActionId(UUID.fromString(text));
  }

  // By hand, as [Digest] is.
  private static boolean isUuid(String text) {
    if (text.length() != LENGTH) {
      return false;
    }
    for (int i = 0; i < LENGTH; i++) {
      boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash ? text.charAt(i) != '-' : !HexFormat.isHexDigit(text.charAt(i))) {
        return false;
      }
    }
    return true;
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
