package dev.countersign.audit.domain;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Canonical;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What the log says of one record for ever. It holds nothing of the payload but its HMAC.
///
/// @param time Kafka's timestamp of the record
/// @param attributes absent where the record is no CloudEvent
/// @param payload `hmac-sha256:` and 64 hex digits
public record Leaf(
    String topic,
    int partition,
    long offset,
    Instant time,
    @Nullable Attributes attributes,
    @Nullable ActionId actionId,
    String payload) {

  /// The most bytes that a leaf has: what a tile's entry bundle can hold (C2SP tlog-tiles).
  public static final int MAX_BYTES = 65_535;

  private static final int VERSION = 1;

  /// The CloudEvents attributes that name an event.
  public record Attributes(String id, String source, String type) {

    /// The longest attribute in UTF-16 units that goes into a leaf: escaped, three of them fit.
    public static final int MAX_LENGTH = 1_024;

    /// Whether these can be logged as they are.
    public static boolean fit(String id, String source, String type) {
      return fits(id) && fits(source) && fits(type);
    }

    private static boolean fits(String text) {
      // A lone surrogate has no UTF-8, so its canonical form would silently be another text's.
      return text.length() <= MAX_LENGTH
          && text.codePoints().noneMatch(c -> c >= 0xD800 && c <= 0xDFFF);
    }
  }

  /// Its RFC 8785 form, which is hashed.
  public byte[] bytes() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("v", VERSION);
    json.put("topic", topic);
    json.put("partition", partition);
    json.put("offset", offset);
    json.put("time", time.toString());
    if (attributes != null) {
      json.put("id", attributes.id);
      json.put("source", attributes.source);
      json.put("type", attributes.type);
    }
    if (actionId != null) {
      json.put("actionId", actionId.toString());
    }
    json.put("payload", payload);
    byte[] bytes = Canonical.bytes(json);
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException("a leaf has at most " + MAX_BYTES + " bytes");
    }
    return bytes;
  }
}
