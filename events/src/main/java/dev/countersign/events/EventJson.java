package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.std.NumberDeserializers;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Events to JSON and back. Unknown members are ignored and absent ones left out, so payloads can
/// grow.
public final class EventJson {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .addModule(scalars())
          // Four bytes for what UTF-8 has in four: what was within bounds stays within.
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // A number that is missing is not 0.
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          // Nor is a number a status or an answer: 0 must not become the first that there is.
          .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          // A number is not a name: 5 must not become "5" on its way to a digest.
          .withCoercionConfig(
              LogicalType.Textual,
              config ->
                  config
                      .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
          .build();

  private EventJson() {}

  private static SimpleModule scalars() {
    return new SimpleModule("scalars")
        .addDeserializer(Instant.class, new TextOnly<>(Instant.class, Instant::parse))
        .addDeserializer(Duration.class, new TextOnly<>(Duration.class, Duration::parse))
        .addDeserializer(URI.class, new TextOnly<>(URI.class, URI::create))
        .addDeserializer(int.class, new Whole<>(int.class, BigDecimal::intValueExact))
        .addDeserializer(Integer.class, new Whole<>(Integer.class, BigDecimal::intValueExact))
        .addDeserializer(long.class, new Whole<>(long.class, BigDecimal::longValueExact));
  }

  /// A time and a duration are texts; the library would take a number for seconds, and digits in a
  /// text for a number. It would take any value for a link.
  private static final class TextOnly<T> extends StdScalarDeserializer<T> {
    private static final long serialVersionUID = 1L;
    private final transient Function<String, T> parse;

    private TextOnly(Class<T> type, Function<String, T> parse) {
      super(type);
      this.parse = parse;
    }

    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
      if (parser.hasToken(JsonToken.VALUE_STRING)) {
        try {
          return parse.apply(parser.getText());
        } catch (DateTimeParseException | IllegalArgumentException _) {
          // Said below.
        }
      }
      throw MismatchedInputException.from(parser, handledType(), "Cannot read but from a text");
    }
  }

  /// 2.0 is a whole number, as JSON Schema has it (Validation §6.1.1), and 2.9 is none; the library
  /// would cut it off.
  private static final class Whole<T> extends StdScalarDeserializer<T> {
    private static final long serialVersionUID = 1L;
    private final transient JsonDeserializer<T> reader;
    private final transient Function<BigDecimal, T> exact;

    @SuppressWarnings("unchecked")
    private Whole(Class<T> type, Function<BigDecimal, T> exact) {
      super(type);
      this.reader = (JsonDeserializer<T>) NumberDeserializers.find(type, type.getName());
      this.exact = exact;
    }

    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
      if (!parser.hasToken(JsonToken.VALUE_NUMBER_FLOAT)) {
        return reader.deserialize(parser, context);
      }
      try {
        return exact.apply(parser.getDecimalValue());
      } catch (ArithmeticException _) {
        throw MismatchedInputException.from(
            parser, handledType(), "Cannot read but a whole number");
      }
    }

    @Override
    public @Nullable T getNullValue(DeserializationContext context) throws JsonMappingException {
      return reader.getNullValue(context);
    }
  }

  /// The JSON of an event or of a part of one.
  public static byte[] write(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The JSON tree of an event or of a part of one.
  public static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /// Reads what one of our own services wrote. Throws `IllegalArgumentException` with a sentence
  /// where it is not JSON of this shape. A proposal comes from outside: {@link
  /// ActionProposed#read}.
  public static <T> T read(byte[] json, Class<T> type) {
    return read(() -> MAPPER.readValue(json, type), type);
  }

  /// As above, of JSON that was read already.
  public static <T> T read(JsonNode json, Class<T> type) {
    return read(() -> MAPPER.treeToValue(json, type), type);
  }

  @FunctionalInterface
  private interface Reading<T> {
    @Nullable T value() throws IOException;
  }

  private static <T> T read(Reading<T> reading, Class<T> type) {
    try {
      T value = reading.value();
      if (value == null) {
        throw new IllegalArgumentException("null where a " + type.getSimpleName() + " should be");
      }
      Required.check(value);
      return value;
    } catch (JsonMappingException e) {
      throw new IllegalArgumentException(sentence(e), e);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    } catch (IOException e) {
      // Nothing is fetched to be read: these are bytes in no encoding.
      throw new IllegalArgumentException("not JSON in UTF-8: " + e.getMessage(), e);
    }
  }

  /// Names the member and what it must be; the library's own message names Java types.
  private static String sentence(JsonMappingException e) {
    String path =
        e.getPath().stream()
            .map(JsonMappingException.Reference::getFieldName)
            .filter(Objects::nonNull)
            .collect(Collectors.joining("."));
    String said = e.getOriginalMessage();
    boolean speaksJava = said.startsWith("Cannot ");
    if (speaksJava && e instanceof MismatchedInputException it && it.getTargetType() != null) {
      said = "must be " + shape(it.getTargetType());
    }
    if (path.isEmpty()) {
      return said;
    }
    return e.getOriginalMessage().startsWith("Cannot map `null`")
        ? path + " is missing"
        : path + (speaksJava ? " " : ": ") + said;
  }

  private static String shape(Class<?> type) {
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(each -> tree(each).asText())
          .collect(Collectors.joining(", ", "one of ", ""));
    }
    if (type == Boolean.class || type == boolean.class) {
      return "true or false";
    }
    if (type == int.class || type == Integer.class || type == long.class) {
      return "a whole number";
    }
    if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
      return "a number";
    }
    if (type == Duration.class) {
      return "a text of days, hours, minutes and seconds, such as PT15M (ISO 8601)";
    }
    if (type == Instant.class) {
      return "a text such as 2026-11-21T12:00:00Z (RFC 3339)";
    }
    if (Collection.class.isAssignableFrom(type)) {
      return "a list";
    }
    boolean isText =
        type.getPackageName().startsWith("java.") || type == ActionId.class || type == Digest.class;
    return isText && !Map.class.isAssignableFrom(type) ? "text" : "an object";
  }

  /// Reads any JSON as a tree, duplicates and trailing tokens refused.
  public static JsonNode readTree(byte[] json) {
    return read(json, JsonNode.class);
  }

  /// Reads what a stranger sent. Each value, name and bracket of it becomes many times its text, so
  /// the text's size alone bounds nothing. One of these is made once and serves all requests.
  public static final class Bounded {

    private final int mostBytes;
    private final int mostTokens;
    private final ObjectReader reader;
    private final Map<Class<?>, ObjectReader> byType = new ConcurrentHashMap<>();

    /// @param mostTokens values, names and brackets, both of a pair counted
    public Bounded(int mostBytes, int mostTokens) {
      this.mostBytes = mostBytes;
      this.mostTokens = mostTokens;
      this.reader =
          MAPPER
              .reader()
              .with(
                  MAPPER
                      .getFactory()
                      .rebuild()
                      .streamReadConstraints(
                          StreamReadConstraints.builder().maxTokenCount(mostTokens).build())
                      .build());
    }

    /// As [EventJson#readTree]; what is beyond one of the bounds is {@link Bounds.OutOfBounds}
    /// `too-large`.
    public JsonNode readTree(byte[] json) throws Bounds.OutOfBounds {
      return read(json, JsonNode.class);
    }

    /// As [EventJson#read]; what is beyond one of the bounds is {@link Bounds.OutOfBounds}
    /// `too-large`.
    public <T> T read(byte[] json, Class<T> type) throws Bounds.OutOfBounds {
      if (json.length > mostBytes) {
        throw tooLarge();
      }
      try {
        ObjectReader ofType = byType.computeIfAbsent(type, reader::forType);
        return EventJson.read(() -> ofType.readValue(json), type);
      } catch (IllegalArgumentException e) {
        if (isOutOfBounds(e)) {
          throw tooLarge();
        }
        throw e;
      }
    }

    /// The library wraps it where it is met within an object of ours.
    private static boolean isOutOfBounds(Throwable failure) {
      for (Throwable each = failure; each != null; each = each.getCause()) {
        if (each instanceof StreamConstraintsException) {
          return true;
        }
      }
      return false;
    }

    /// In bytes.
    public int most() {
      return mostBytes;
    }

    /// What is said of what is more.
    public Bounds.OutOfBounds tooLarge() {
      return new Bounds.OutOfBounds(
          "too-large",
          "This takes at most "
              + mostBytes
              + " bytes of JSON, with "
              + mostTokens
              + " values, names and brackets in it and no depth or number out of all proportion; send"
              + " less.");
    }
  }
}
