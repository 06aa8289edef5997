package dev.countersign.policy.inbound;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import dev.countersign.policy.application.PolicyInForce;
import dev.countersign.policy.domain.CataloguedTool;
import dev.countersign.policy.domain.PolicyEngine;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/// Tells what each tool is now, for whoever runs what was judged a while ago.
@Path("/v1/catalogue")
public class CatalogueResource {

  private final PolicyInForce policy;

  @Inject
  CatalogueResource(PolicyInForce policy) {
    this.policy = policy;
  }

  @GET
  @Produces({MediaType.APPLICATION_JSON, Problems.MEDIA_TYPE})
  @Operation(summary = "The digest of each tool's entry in the catalogue that is in force")
  @APIResponse(
      responseCode = "200",
      description =
          "`policyVersion`, and `tools`: `toolset/name` → the `toolDigest` of its verdicts;"
              + " `pins`: what those of MCP servers must still be there")
  @APIResponse(responseCode = "503", description = "No policy is in force yet")
  public Response catalogue() {
    return policy
        .find()
        .map(engine ->
            Response.ok(EventJson.write(shown(engine))).type(MediaType.APPLICATION_JSON).build())
        .orElseGet(() -> Problems.noPolicy(policy));
  }

  private static ObjectNode shown(PolicyEngine engine) {
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    shown.put("policyVersion", engine.version().value());
    ObjectNode tools = shown.putObject("tools");
    for (CataloguedTool each : engine.catalogue().all()) {
      tools.put(each.tool().toString(), each.digest().value());
    }
    ObjectNode pins = shown.putObject("pins");
    for (CataloguedTool each : engine.catalogue().all()) {
      if (each.gate() != null && each.gate().pin() != null) {
        pins.put(each.tool().toString(), each.gate().pin().value());
      }
    }
    return shown;
  }
}
