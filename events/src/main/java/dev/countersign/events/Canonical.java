package dev.countersign.events;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.erdtman.jcs.JsonCanonicalizer;

/// The canonical form of JSON (RFC 8785), which digests are taken of. What comes from outside
/// passes {@link Bounds} first.
public final class Canonical {

  // Written as text, an infinity would have the form of the text "Infinity".
  private static final ObjectWriter WRITER =
      JsonMapper.builder().disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS).build().writer();

  private Canonical() {}

  /// The canonical bytes of a JSON value. Throws as {@link #text} does.
  public static byte[] bytes(JsonNode json) {
    return text(json).getBytes(StandardCharsets.UTF_8);
  }

  /// The canonical text of a JSON value. Throws `IllegalArgumentException` for what has none: a
  /// lone surrogate (§3.2.2.2) and a number that no double holds (§3.2.2.3).
  public static String text(JsonNode json) {
    String canonical;
    try {
      String text = WRITER.writeValueAsString(json);
      // The library takes objects and arrays only: a scalar goes in an array and comes out of it.
      canonical =
          json.isContainerNode()
              ? new JsonCanonicalizer(text).getEncodedString()
              : scalar(new JsonCanonicalizer("[" + text + "]").getEncodedString());
    } catch (IOException e) {
      throw new IllegalArgumentException("not canonicalizable: " + e.getMessage(), e);
    }
    if (hasLoneSurrogate(canonical)) {
      throw new IllegalArgumentException("not canonicalizable: a lone surrogate in a string");
    }
    return canonical;
  }

  private static String scalar(String array) {
    return array.substring(1, array.length() - 1);
  }

  /// Whether it has no UTF-8: encoded all the same, it would be another text, with a `?`. A pair is
  /// one code point; a surrogate that is left over has none of its own.
  static boolean hasLoneSurrogate(String text) {
    int point;
    for (int at = 0; at < text.length(); at += Character.charCount(point)) {
      point = text.codePointAt(at);
      if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
        return true;
      }
    }
    return false;
  }

  /// The digest of the canonical form of an event's part, as our own services wrote it.
  public static Digest digest(Object value) {
    return Digest.of(bytes(EventJson.tree(value)));
  }
}
