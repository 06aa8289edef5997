package dev.countersign.events;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Base64;

/// What a record's value holds: the event itself or, around it, a CloudEvent in structured mode
/// (CloudEvents 1.0.2, Kafka protocol binding §3.3). For those who have the value without its
/// headers: each event has an `actionId`, and no CloudEvent has an attribute of that name, as all
/// of theirs are lower-case (§3.1).
public final class Payload {

  private static final String DATA = "data";
  private static final String BASE64 = "data_base64";

  private Payload() {}

  /// The event's own JSON, of a value that was read. Throws `IllegalArgumentException` where there
  /// is none.
  public static JsonNode event(JsonNode value) {
    if (!isStructured(value)) {
      return value;
    }
    return value.has(DATA)
        ? value.path(DATA)
        : EventJson.readTree(Base64.getDecoder().decode(value.path(BASE64).asText()));
  }

  private static boolean isStructured(JsonNode value) {
    return value.has("specversion")
        && value.has(DATA) != value.hasNonNull(BASE64)
        && !value.has("actionId");
  }
}
