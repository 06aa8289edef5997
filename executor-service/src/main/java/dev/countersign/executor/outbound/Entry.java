package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.config.BadValue;
import dev.countersign.events.Assurance;
import dev.countersign.events.EventJson;
import dev.countersign.executor.domain.Floor;
import dev.countersign.executor.domain.Response;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One connector's entry in `connectors.yaml`, or a part of it, that has passed the schema. Each
/// reading throws {@link BadValue}, which names the place, where a value is no good all the same.
///
/// @param pointer where it stands in the file (RFC 6901)
record Entry(JsonNode json, String pointer, UnaryOperator<@Nullable String> environment) {

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?}");

  /// The member as an entry of its own; its JSON is a missing node where there is none.
  Entry part(String member) {
    return new Entry(json.path(member), pointer + "/" + member, environment);
  }

  /// The element of a list as an entry of its own.
  Entry element(int index) {
    return new Entry(json.path(index), pointer + "/" + index, environment);
  }

  boolean isThere() {
    return !json.isMissingNode() && !json.isNull();
  }

  /// The text of a member that the schema requires.
  String text(String member) {
    return json.path(member).textValue();
  }

  Optional<String> findText(String member) {
    return Optional.ofNullable(json.path(member).textValue());
  }

  /// This text with the environment's variables in their places, `${NAME}` or `${NAME:-default}`.
  String expanded() {
    return in(() ->
        VARIABLE
            .matcher(json.textValue())
            .replaceAll(found -> {
              String value = environment.apply(found.group(1));
              if (value == null) {
                value = found.group(2);
              }
              if (value == null) {
                throw new IllegalArgumentException(
                    "the environment variable "
                        + found.group(1)
                        + " is not set; set it or write"
                        + " ${"
                        + found.group(1)
                        + ":-default}");
              }
              return Matcher.quoteReplacement(value);
            }));
  }

  /// The duration of this name, `usual` where it is absent.
  Duration duration(String member, Duration usual, Duration longest) {
    Optional<String> text = findText(member);
    return text.isEmpty()
        ? usual
        : part(member).in(() -> duration(member, text.get(), usual, longest));
  }

  private static Duration duration(String name, String text, Duration usual, Duration longest) {
    Duration duration;
    try {
      duration = Duration.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "write the " + name + " as an ISO 8601 duration, as in " + usual, e);
    }
    if (duration.toMillis() < 1 || duration.compareTo(longest) > 0) {
      throw new IllegalArgumentException("the " + name + " must be within PT0.001S and " + longest);
    }
    return duration;
  }

  /// How long what the target answers is kept for the agent; null where it is not.
  @Nullable Duration keep() {
    return findText("response").isPresent()
        ? duration("keep", Response.KEEP, Response.LONGEST_KEEP)
        : null;
  }

  /// What must stand behind it, whatever the policy says.
  Floor requires() {
    JsonNode floor = json.path("requires");
    return floor.isObject()
        ? new Floor(
            floor.path("votes").asInt(1),
            floor.has("assurance")
                ? EventJson.read(EventJson.write(floor.path("assurance")), Assurance.class)
                : Assurance.CODE)
        : Floor.NONE;
  }

  /// What `value` makes of it; its `IllegalArgumentException` is about this place.
  <T> T in(Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new BadValue(pointer, String.valueOf(e.getMessage()));
    }
  }
}
