package dev.countersign.gateway.inbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.domain.Caller;
import java.util.List;
import java.util.UUID;

/// An evaluation as the Authorization API asks for it (AuthZEN 1.0, §6.1), and the proposal that it
/// is about: the subject is the agent, the action the tool, the resource the toolset with the
/// parameters as its properties. `context` may have an `actionId` and the agent's words, `intent`
/// and `annotations`.
final class AuthzenRequest {

  static final List<String> MEMBERS = List.of("subject", "action", "resource", "context");

  private AuthzenRequest() {}

  /// Throws `OutOfBounds` with a sentence where it is none.
  static ActionProposed read(Caller caller, JsonNode asked) throws Bounds.OutOfBounds {
    require(asked.path("subject"), "subject", "type", "agent");
    require(asked.path("resource"), "resource", "type", "toolset");
    ObjectNode proposal = JsonNodeFactory.instance.objectNode();
    JsonNode context = asked.path("context");
    proposal.put("actionId", context.path("actionId").asText(UUID.randomUUID().toString()));
    JsonNode properties = asked.path("subject").path("properties");
    ObjectNode agent = proposal.putObject("agent");
    agent.put("id", text(asked.path("subject").path("id"), "subject.id"));
    for (String each : List.of("platform", "session", "onBehalfOf", "owner")) {
      if (properties.hasNonNull(each)) {
        agent.set(each, properties.get(each));
      }
    }
    proposal
        .putObject("tool")
        .put("toolset", text(asked.path("resource").path("id"), "resource.id"))
        .put("name", text(asked.path("action").path("name"), "action.name"));
    JsonNode parameters = asked.path("resource").path("properties");
    proposal.set(
        "parameters",
        parameters.isMissingNode() ? JsonNodeFactory.instance.objectNode() : parameters);
    for (String each : List.of("intent", "annotations")) {
      if (context.hasNonNull(each)) {
        proposal.set(each, context.get(each));
      }
    }
    return ProposalBody.read(caller, EventJson.write(proposal), null);
  }

  private static void require(JsonNode entity, String name, String member, String value)
      throws Bounds.OutOfBounds {
    String found = entity.path(member).asText();
    if (!found.equals(value)) {
      throw new Bounds.OutOfBounds(
          "shape", name + "." + member + " must be \"" + value + "\" and is \"" + found + "\"");
    }
  }

  private static String text(JsonNode given, String name) throws Bounds.OutOfBounds {
    if (!given.isTextual() || given.textValue().isBlank()) {
      throw new Bounds.OutOfBounds("shape", name + " is missing; it must be a text");
    }
    return given.textValue();
  }
}
