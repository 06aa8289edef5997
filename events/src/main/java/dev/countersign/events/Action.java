package dev.countersign.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// One tool call that an agent wants made: tool and exact parameters.
public record Action(Agent agent, Tool tool, JsonNode parameters) {

  /// The `actionDigest`: SHA-256 over the RFC 8785 form of `{actionId, agent: {id, platform,
  /// onBehalfOf}, parameters, tool}`, absent members left out. The agent's words and its session
  /// are not in it, so a reworded retry is the same action.
  public Digest digest(ActionId actionId) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("actionId", actionId.toString());
    ObjectNode who = root.putObject("agent");
    who.put("id", agent.id());
    if (agent.platform() != null) {
      who.put("platform", agent.platform());
    }
    if (agent.onBehalfOf() != null) {
      who.put("onBehalfOf", agent.onBehalfOf());
    }
    root.set("parameters", parameters);
    root.putObject("tool").put("name", tool.name()).put("toolset", tool.toolset());
    return Digest.of(Canonical.bytes(root));
  }
}
