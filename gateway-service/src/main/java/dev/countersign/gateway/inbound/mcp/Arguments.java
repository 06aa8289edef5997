package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The arguments of a call, read strictly: a model that misspells one is told so at once, and not
/// after a person has approved something else.
record Arguments(ObjectNode given) {

  private static final int LONGEST_WAIT = 45;

  /// An argument is missing or of the wrong shape; the sentence is for the model.
  static final class Wrong extends Exception {
    private static final long serialVersionUID = 1L;

    Wrong(String sentence) {
      super(sentence);
    }

    String sentence() {
      return String.valueOf(getMessage());
    }
  }

  static Arguments of(McpCall call, Set<String> known) throws Wrong {
    List<String> strange = new ArrayList<>();
    call.arguments().fieldNames().forEachRemaining(strange::add);
    strange.removeAll(known);
    if (!strange.isEmpty()) {
      throw new Wrong(
          String.join(", ", strange)
              + " is no argument of this tool; it takes "
              + String.join(", ", known.stream().sorted().toList()));
    }
    return new Arguments(call.arguments());
  }

  String required(String name) throws Wrong {
    String text = text(name);
    if (text == null || text.isBlank()) {
      throw new Wrong(name + " is missing; it must be a text");
    }
    return text;
  }

  /// Null where it is absent or null.
  @Nullable String text(String name) throws Wrong {
    JsonNode value = given.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    if (!value.isTextual()) {
      throw new Wrong(name + " must be a text");
    }
    return value.textValue();
  }

  ObjectNode object(String name) throws Wrong {
    if (given.path(name) instanceof ObjectNode object) {
      return object;
    }
    throw new Wrong(name + " must be an object with the tool's exact parameters, not a text");
  }

  /// Zero where it is absent.
  Duration seconds(String name) throws Wrong {
    JsonNode value = given.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return Duration.ZERO;
    }
    boolean fits = value.isIntegralNumber() && value.canConvertToInt();
    if (!fits || value.intValue() < 0 || value.intValue() > LONGEST_WAIT) {
      throw new Wrong(name + " must be a whole number from 0 to " + LONGEST_WAIT);
    }
    return Duration.ofSeconds(value.intValue());
  }

  ActionId actionId(String name) throws Wrong {
    try {
      return ActionId.of(required(name));
    } catch (IllegalArgumentException e) {
      throw new Wrong(name + " must be the UUID that request_approval returned");
    }
  }
}
