package dev.countersign.events;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// The bounds of what comes from outside, checked in one pass before anything is built from it. RFC
/// 8785 (§3.2.2.3) reads numbers as IEEE 754 doubles and silently bends what does not fit; so
/// nothing that does not fit gets that far.
public final class Bounds {

  /// A proposal's greatest size in bytes.
  public static final int MAX_BYTES = 64 * 1024;

  /// The greatest depth of arrays and objects, the outermost counted.
  public static final int MAX_DEPTH = 32;

  private static final long MAX_INTEGER = (1L << 53) - 1;
  private static final BigDecimal MAX_INTEGRAL = BigDecimal.valueOf(MAX_INTEGER);
  private static final int MAX_NUMBER_LENGTH = 64;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER_LENGTH)
                  .maxStringLength(MAX_BYTES)
                  .maxNameLength(MAX_BYTES)
                  .build())
          // Field names of strangers must not fill a table that lives as long as the process.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private Bounds() {}

  /// Throws {@link OutOfBounds} with the first bound that these bytes break.
  public static void check(byte[] json) throws OutOfBounds {
    if (json.length > MAX_BYTES) {
      throw new OutOfBounds(
          "too-large", "the proposal has " + json.length + " bytes; at most " + MAX_BYTES);
    }
    try {
      // ASCII in UTF-16 or UTF-32 is valid UTF-8 too, with NULs, and the parser would read it.
      if (StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(json))
          .chars()
          .anyMatch(c -> c == 0)) {
        throw new OutOfBounds("not-utf8", "the proposal has NUL bytes in it; encode it as UTF-8");
      }
    } catch (CharacterCodingException e) {
      throw new OutOfBounds("not-utf8", "the proposal is not valid UTF-8; encode it as UTF-8");
    }
    try (JsonParser parser = JSON.createParser(json)) {
      JsonToken token = parser.nextToken();
      if (token != JsonToken.START_OBJECT) {
        throw new OutOfBounds("not-json", "the proposal is not a JSON object");
      }
      int depth = 0;
      do {
        switch (token) {
          case START_OBJECT, START_ARRAY -> depth++;
          case END_OBJECT, END_ARRAY -> depth--;
          case FIELD_NAME -> text(parser.currentName());
          case VALUE_STRING -> text(parser.getText());
          case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser.getText());
          case VALUE_TRUE, VALUE_FALSE, VALUE_NULL, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE -> {}
        }
        token = parser.nextToken();
      } while (depth > 0 && token != null);
      if (token != null) {
        throw new OutOfBounds("not-json", "something follows the JSON object");
      }
    } catch (StreamConstraintsException e) {
      throw new OutOfBounds(
          "too-deep", "nested deeper than " + MAX_DEPTH + " levels, or a number too long");
    } catch (JsonProcessingException e) {
      String said = e.getOriginalMessage();
      throw said.startsWith("Duplicate field")
          ? new OutOfBounds("duplicate-key", "a key stands twice in one object; send it once")
          : new OutOfBounds("not-json", "not JSON: " + said);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void number(String literal) throws OutOfBounds {
    BigDecimal exact;
    try {
      exact = new BigDecimal(literal);
    } catch (NumberFormatException e) {
      // JSON sets no bound to the exponent, BigDecimal does.
      throw new OutOfBounds("number", "an exponent out of range; send it as a string");
    }
    double bent = exact.doubleValue();
    if (Double.isInfinite(bent)) {
      throw new OutOfBounds("number", "number too large; send it as a string");
    }
    boolean integral = exact.signum() == 0 || exact.stripTrailingZeros().scale() <= 0;
    if (integral && exact.abs().compareTo(MAX_INTEGRAL) > 0) {
      throw new OutOfBounds("number", "integers must be within ±(2^53−1); send it as a string");
    }
    if (new BigDecimal(Double.toString(bent)).compareTo(exact) != 0) {
      throw new OutOfBounds(
          "number", "a number has more digits than a double holds; send it as a string");
    }
  }

  private static void text(String text) throws OutOfBounds {
    if (Canonical.hasLoneSurrogate(text)) {
      throw new OutOfBounds("surrogate", "a lone surrogate in a string; send valid Unicode");
    }
  }

  /// A bound that the input breaks: a stable code, and a sentence that says what to do.
  public static final class OutOfBounds extends Exception {
    private static final long serialVersionUID = 1L;
    private final String code;

    public OutOfBounds(String code, String sentence) {
      super(sentence);
      this.code = code;
    }

    /// A code out of a small fixed set, fit for a header or a metric.
    public String code() {
      return code;
    }

    /// The sentence for a person.
    public String sentence() {
      return String.valueOf(getMessage());
    }
  }
}
