package dev.countersign.policy.domain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// JSON as expressions see it, and back.
final class Values {

  private static final Pattern SEPARATES = Pattern.compile(", |[\"\\[\\]]");

  private Values() {}

  /// A JSON value for an expression. A member that is null is absent, as everywhere on the wire.
  static Object of(JsonNode json) {
    return switch (json.getNodeType()) {
      case OBJECT -> {
        Map<String, Object> map = LinkedHashMap.newLinkedHashMap(json.size());
        for (Map.Entry<String, JsonNode> member : json.properties()) {
          if (!member.getValue().isNull()) {
            map.put(member.getKey(), of(member.getValue()));
          }
        }
        yield map;
      }
      case ARRAY -> {
        List<Object> list = new ArrayList<>(json.size());
        json.forEach(element -> list.add(of(element)));
        yield list;
      }
      case STRING -> json.textValue();
      case BOOLEAN -> json.booleanValue();
      case NUMBER -> number(json);
      case NULL, MISSING, BINARY, POJO -> Absent.ABSENT;
    };
  }

  private static Object number(JsonNode json) {
    return json.isIntegralNumber() ? (Object) json.longValue() : (Object) json.doubleValue();
  }

  /// An expression's value for the verdict's `facts`.
  static JsonNode toJson(Object value) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    return switch (value) {
      case Boolean it -> json.booleanNode(it);
      case Long it -> json.numberNode(it);
      case Double it -> json.numberNode(it);
      case List<?> list -> {
        ArrayNode array = json.arrayNode();
        list.forEach(element -> array.add(toJson(element)));
        yield array;
      }
      case Map<?, ?> map -> {
        ObjectNode object = json.objectNode();
        map.forEach((key, member) -> object.set(String.valueOf(key), toJson(member)));
        yield object;
      }
      case Absent _ -> json.nullNode();
      // Text, decimals, times and durations: as a person writes them.
      default -> json.textNode(value.toString());
    };
  }

  /// An expression's value as one line for people. Of a list the elements, and in quotes those that
  /// could be taken for several, or for less.
  static String toText(Object value) throws NotEvaluable {
    return switch (value) {
      case Map<?, ?> _ -> throw new NotEvaluable("it is an object; show its members one by one");
      case Absent _ -> throw new NotEvaluable("it is null");
      case List<?> list -> {
        List<String> parts = new ArrayList<>(list.size());
        for (Object element : list) {
          String shown = toText(element);
          parts.add(
              switch (element) {
                case List<?> _ -> "[" + shown + "]";
                case String text when SEPARATES.matcher(text).find() || losesBlanks(text) ->
                    quoted(text);
                default -> shown;
              });
        }
        yield String.join(", ", parts);
      }
      case Double it -> plain(it);
      default -> value.toString();
    };
  }

  /// Whether blanks of it can't be counted where it is read, or it is nothing at all.
  static boolean losesBlanks(String text) {
    return text.isEmpty() || !text.equals(text.strip()) || text.contains("  ");
  }

  /// JSON, the numbers in it in all their digits.
  static String spelt(JsonNode json) {
    return switch (json.getNodeType()) {
      case NUMBER -> json.isIntegralNumber() ? json.toString() : plain(json.doubleValue());
      case OBJECT ->
          json.properties().stream()
              .map(each -> quoted(each.getKey()) + ":" + spelt(each.getValue()))
              .collect(Collectors.joining(",", "{", "}"));
      case ARRAY ->
          StreamSupport.stream(json.spliterator(), false)
              .map(Values::spelt)
              .collect(Collectors.joining(",", "[", "]"));
      case STRING, BOOLEAN, NULL, MISSING, BINARY, POJO -> json.toString();
    };
  }

  /// A text as JSON has it.
  static String quoted(String text) {
    return JsonNodeFactory.instance.textNode(text).toString();
  }

  /// All digits, because 1.0E7 is not what an approver reads as ten million, or types.
  private static String plain(double number) {
    return Double.isFinite(number)
        ? new BigDecimal(Double.toString(number)).stripTrailingZeros().toPlainString()
        : Double.toString(number);
  }
}
