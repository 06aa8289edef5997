package dev.countersign.executor.domain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/// A JSON body as the operator wrote it, with templates for its texts. It is filled as a structure
/// and written by the serializer: whatever a parameter holds, it can't become structure.
public sealed interface BodyTemplate {

  record Text(Template template) implements BodyTemplate {}

  record Fixed(JsonNode value) implements BodyTemplate {}

  record Members(Map<String, BodyTemplate> members) implements BodyTemplate {}

  record Elements(List<BodyTemplate> elements) implements BodyTemplate {}

  /// Throws `IllegalArgumentException` with a sentence where a placeholder is not one of ours.
  static BodyTemplate of(JsonNode json) {
    if (json.isObject()) {
      Map<String, BodyTemplate> members = new LinkedHashMap<>();
      json.properties().forEach(each -> members.put(each.getKey(), of(each.getValue())));
      return new Members(members);
    }
    if (json.isArray()) {
      return new Elements(
          StreamSupport.stream(json.spliterator(), false).map(BodyTemplate::of).toList());
    }
    return json.isTextual() ? new Text(Template.of(json.textValue())) : new Fixed(json);
  }

  /// The body for these parameters.
  default JsonNode fill(JsonNode params) throws Unfit {
    return switch (this) {
      case Fixed fixed -> fixed.value;
      case Text text -> {
        JsonNode value = text.template.value(params);
        if (value == null) {
          throw new Unfit("parameter-missing", "the whole body is an optional parameter");
        }
        yield value;
      }
      case Elements elements -> {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (BodyTemplate element : elements.elements) {
          array.add(element.fill(params));
        }
        yield array;
      }
      case Members members -> {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, BodyTemplate> member : members.members.entrySet()) {
          if (member.getValue() instanceof Text text && text.template.isOptional()) {
            JsonNode value = text.template.value(params);
            if (value != null) {
              object.set(member.getKey(), value);
            }
          } else {
            object.set(member.getKey(), member.getValue().fill(params));
          }
        }
        yield object;
      }
    };
  }
}
