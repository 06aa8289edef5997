package dev.countersign.policy.domain;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Intent;
import dev.countersign.events.Risk;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the agent says of its own action, and an MCP server of its tool. Rules see it as `claims`;
/// {@link PolicyRule#matches} sees to it that it can raise the risk and never lower it.
final class Claims {

  private static final Map<String, Object> NONE =
      Map.of(
          "destructive", false,
          "readOnly", false,
          "idempotent", false,
          "openWorld", false,
          "confidence", 1.0,
          "rollbackPlan", "");

  private static final double DOUBT = 0.5;

  private Claims() {}

  /// As if it had said nothing.
  static Map<String, Object> none() {
    return NONE;
  }

  /// @param offered as its MCP server describes the tool; null where it has none
  static Map<String, Object> of(
      @Nullable JsonNode annotations, @Nullable Intent intent, @Nullable OfferedTool offered) {
    Map<String, Object> claims = new HashMap<>(NONE);
    claims.put("destructive", hint(annotations, offered, "destructiveHint"));
    claims.put("readOnly", hint(annotations, offered, "readOnlyHint"));
    claims.put("idempotent", hint(annotations, offered, "idempotentHint"));
    claims.put("openWorld", hint(annotations, offered, "openWorldHint"));
    if (intent != null && intent.confidence() != null) {
      claims.put("confidence", intent.confidence());
    }
    if (intent != null && intent.rollbackPlan() != null) {
      claims.put("rollbackPlan", intent.rollbackPlan());
    }
    return claims;
  }

  /// Those of its words that a person should have in mind.
  static List<String> warnings(@Nullable JsonNode annotations, @Nullable Intent intent) {
    List<String> warnings = new ArrayList<>();
    if (hint(annotations, "destructiveHint")) {
      warnings.add(Risk.CALLED_DESTRUCTIVE.sentence());
    }
    if (intent != null && intent.confidence() != null && intent.confidence() < DOUBT) {
      warnings.add(Risk.NOT_SURE.sentence());
    }
    if (intent == null || intent.rollbackPlan() == null || intent.rollbackPlan().isBlank()) {
      warnings.add(Risk.NO_WAY_BACK.sentence());
    }
    return warnings;
  }

  private static boolean hint(
      @Nullable JsonNode annotations, @Nullable OfferedTool offered, String name) {
    return hint(annotations, name) || (offered != null && offered.says(name));
  }

  private static boolean hint(@Nullable JsonNode annotations, String name) {
    return annotations != null
        && annotations.path(name).isBoolean()
        && annotations.path(name).booleanValue();
  }
}
