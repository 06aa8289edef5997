package dev.countersign.policy.domain;

import dev.countersign.events.Agent;
import dev.countersign.events.Tool;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What rules see of a proposal beside its parameters and facts.
final class Scopes {

  private Scopes() {}

  /// What a rule reads of the tool; `listed` is its entry in the catalogue.
  static Map<String, Object> ofTool(Tool called, @Nullable CataloguedTool listed, Then floor) {
    Map<String, Object> map = new HashMap<>();
    map.put("toolset", called.toolset());
    map.put("name", called.name());
    map.put("mode", mode(floor));
    map.put("listed", listed != null);
    map.put("kind", listed == null ? "" : listed.kind());
    map.put("environment", listed == null ? "" : listed.environment());
    map.put("sensitivity", listed == null ? "" : listed.sensitivity());
    map.put("reversible", listed != null && listed.reversible());
    return map;
  }

  /// A floor as the operator writes it.
  static String mode(Then floor) {
    return floor == Then.ALLOW ? "auto" : floor.word();
  }

  /// What a rule reads of the agent.
  static Map<String, Object> ofAgent(Agent agent) {
    return Map.of(
        "id", agent.id(),
        "platform", orEmpty(agent.platform()),
        "onBehalfOf", orEmpty(agent.onBehalfOf()),
        "owner", orEmpty(agent.owner()));
  }

  static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
