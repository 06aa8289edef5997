package dev.countersign.policy.inbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import dev.countersign.policy.application.PolicyInForce;
import dev.countersign.policy.domain.GatedTool;
import dev.countersign.policy.domain.GatedToolset;
import dev.countersign.policy.domain.OfferedTool;
import dev.countersign.policy.domain.PolicyEngine;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/// Tells what gets through to the MCP servers behind the gate: to the gateway, which lists it, and
/// to the operator, who accepts it.
@Path("/v1/servers")
public class ServersResource {

  private final PolicyInForce policy;

  @Inject
  ServersResource(PolicyInForce policy) {
    this.policy = policy;
  }

  @GET
  @Produces({MediaType.APPLICATION_JSON, Problems.MEDIA_TYPE})
  @Operation(summary = "The tools of each MCP server behind the gate, and how it stands with them")
  @APIResponse(
      responseCode = "200",
      description =
          "`servers`: `toolset`, `server`, `seenAt`, `problem`, `leftOut`, and `tools`: `name`,"
              + " `state` (`in-force`, `new`, `not-pinned`, `drifted`, `gone`, `unseen`,"
              + " `schema-unreadable`), `mode`, `kind`, `accepted` (the pin in tools.yaml) and, as the"
              + " server says it now, `pin`, `title`, `description`, `inputSchema`, `annotations`")
  @APIResponse(responseCode = "503", description = "No policy is in force yet")
  public Response servers() {
    return policy
        .find()
        .map(engine ->
            Response.ok(EventJson.write(shown(engine))).type(MediaType.APPLICATION_JSON).build())
        .orElseGet(() -> Problems.noPolicy(policy));
  }

  private static ObjectNode shown(PolicyEngine engine) {
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    shown.put("policyVersion", engine.version().value());
    ArrayNode servers = shown.putArray("servers");
    engine.gated().forEach(each -> servers.add(shown(each)));
    return shown;
  }

  private static ObjectNode shown(GatedToolset toolset) {
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    shown.put("toolset", toolset.name()).put("server", toolset.server());
    if (toolset.seenAt() != null) {
      shown.put("seenAt", toolset.seenAt().toString());
    }
    if (toolset.problem() != null) {
      shown.put("problem", toolset.problem());
    }
    shown.set("leftOut", EventJson.tree(toolset.leftOut()));
    shown.putArray("tools").addAll(toolset.tools().stream().map(ServersResource::shown).toList());
    return shown;
  }

  private static ObjectNode shown(GatedTool tool) {
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    shown.put("name", tool.name()).put("state", tool.state()).put("mode", tool.mode());
    if (tool.kind() != null) {
      shown.put("kind", tool.kind());
    }
    if (tool.accepted() != null) {
      shown.put("accepted", tool.accepted().value());
    }
    OfferedTool now = tool.now();
    if (now != null) {
      shown.put("pin", now.pin().value());
      shown.put("title", now.title());
      shown.put("description", now.description());
      shown.set("inputSchema", now.inputSchema());
      shown.set("annotations", now.annotations());
      if (now.unreadable() != null) {
        shown.put("unreadable", now.unreadable());
      }
    }
    return shown;
  }
}
