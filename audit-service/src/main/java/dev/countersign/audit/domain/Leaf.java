package dev.countersign.audit.domain;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.countersign.events.ActionId;
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

  /// Its RFC 8785 form, which is hashed. Written straight: the members are few, known and sorted,
  /// and every event passes here.
  public byte[] bytes() {
    StringBuilder json = new StringBuilder(512);
    json.append('{');
    if (actionId != null) {
      text(json, "actionId", actionId.toString());
    }
    if (attributes != null) {
      text(json, "id", attributes.id);
    }
    json.append("\"offset\":").append(offset).append(",\"partition\":").append(partition);
    json.append(',');
    text(json, "payload", payload);
    if (attributes != null) {
      text(json, "source", attributes.source);
    }
    text(json, "time", time.toString());
    text(json, "topic", topic);
    if (attributes != null) {
      text(json, "type", attributes.type);
    }
    byte[] bytes = json.append("\"v\":").append(VERSION).append('}').toString().getBytes(UTF_8);
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException("a leaf has at most " + MAX_BYTES + " bytes");
    }
    return bytes;
  }

  private static void text(StringBuilder json, String member, String value) {
    json.append('"').append(member).append("\":\"");
    for (int i = 0; i < value.length(); i++) {
      char each = value.charAt(i);
      // RFC 8785 §3.2.2.2.
      switch (each) {
        case '"', '\\' -> json.append('\\').append(each);
        case '\b' -> json.append("\\b");
        case '\t' -> json.append("\\t");
        case '\n' -> json.append("\\n");
        case '\f' -> json.append("\\f");
        case '\r' -> json.append("\\r");
        default -> {
          if (each < ' ') {
            json.append("\\u00").append(each < 0x10 ? '0' : '1');
            json.append(Character.forDigit(each & 0xf, 16));
          } else {
            json.append(each);
          }
        }
      }
    }
    json.append("\",");
  }
}
