package dev.countersign.events;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.erdtman.jcs.JsonCanonicalizer;

/// The canonical form of JSON (RFC 8785), which digests are taken of. What comes from outside
/// passes {@link Bounds} first.
public final class Canonical {

  private Canonical() {}

  /// The canonical bytes of a JSON value.
  public static byte[] bytes(JsonNode json) {
    try {
      if (json.isContainerNode()) {
        return new JsonCanonicalizer(json.toString()).getEncodedUTF8();
      }
      // The library takes objects and arrays only: a scalar goes in an array and comes out of it.
      byte[] array = new JsonCanonicalizer("[" + json + "]").getEncodedUTF8();
      return Arrays.copyOfRange(array, 1, array.length - 1);
    } catch (IOException e) {
      throw new IllegalArgumentException("not canonicalizable: " + e.getMessage(), e);
    }
  }

  /// The canonical text of a JSON value.
  public static String text(JsonNode json) {
    return new String(bytes(json), StandardCharsets.UTF_8);
  }

  /// The digest of the canonical form of an event's part, as our own services wrote it.
  public static Digest digest(Object value) {
    return Digest.of(bytes(EventJson.tree(value)));
  }
}
