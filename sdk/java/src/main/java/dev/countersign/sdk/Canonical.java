package dev.countersign.sdk;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.erdtman.jcs.JsonCanonicalizer;
import org.jspecify.annotations.Nullable;

/// The canonical form of JSON (RFC 8785), which an action's digest is taken of.
final class Canonical {

  private static final int MOST_DIGITS = 17;

  static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Canonical() {}

  /// The one spelling of a value. Throws `IllegalArgumentException` for what has none: lone
  /// surrogates, NaN, infinities, and numbers that no double holds.
  static byte[] bytes(JsonNode json) {
    check(json);
    try {
      // The library takes objects and arrays only: a scalar goes in an array and comes out of it.
      String text = json.isContainerNode() ? json.toString() : "[" + json + "]";
      String canonical = new JsonCanonicalizer(text).getEncodedString();
      return (json.isContainerNode() ? canonical : canonical.substring(1, canonical.length() - 1))
          .getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalArgumentException("it has no canonical form: " + e.getMessage(), e);
    }
  }

  /// `sha256:` and the hex SHA-256 of the canonical form.
  static String digest(JsonNode json) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes(json));
      return "sha256:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /// What goes over the wire of a value of anybody's type, as an object that nobody else has.
  static JsonNode copy(Object value) {
    JsonNode tree = JSON.valueToTree(value);
    if (tree == null || !tree.isObject()) {
      throw new IllegalArgumentException("parameters are an object: a map, a record, a JsonNode");
    }
    JsonNode copied = read(bytes(tree));
    return Objects.requireNonNull(copied, "what is canonical is JSON");
  }

  /// Null where these bytes are no JSON.
  static @Nullable JsonNode read(byte[] json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      // Not only where it can't be parsed: Jackson takes some bytes for UTF-32 that is none.
      return null;
    }
  }

  private static void check(JsonNode json) {
    if (json.isTextual()) {
      text(json.textValue());
    } else if (json.isNumber()) {
      number(json);
    } else if (json.isPojo() || json.isBinary()) {
      throw new IllegalArgumentException("bytes and objects are not JSON; send text");
    }
    for (Map.Entry<String, JsonNode> member : json.properties()) {
      text(member.getKey());
    }
    json.forEach(Canonical::check);
  }

  private static void text(String text) {
    // A pair is one code point; a surrogate that is left over has none of its own.
    if (text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw new IllegalArgumentException("a lone surrogate in a string; send valid Unicode");
    }
  }

  private static void number(JsonNode number) {
    double held = number.doubleValue();
    boolean fits = Double.isFinite(held);
    if (fits && !number.isDouble() && !number.isFloat()) {
      BigDecimal exact = number.decimalValue().stripTrailingZeros();
      boolean integral = exact.scale() <= 0;
      BigDecimal back = new BigDecimal(held);
      fits =
          integral
              ? back.compareTo(exact) == 0
              : exact.precision() <= MOST_DIGITS
                  && back.round(new MathContext(exact.precision())).compareTo(exact) == 0;
    }
    if (!fits) {
      throw new IllegalArgumentException("a number that no double holds; send it as a string");
    }
  }
}
