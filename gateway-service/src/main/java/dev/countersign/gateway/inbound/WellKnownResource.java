package dev.countersign.gateway.inbound;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// What a client that knows only the address finds out by itself.
@Path("/.well-known")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "discovery")
class WellKnownResource {

  private final URI gateway;
  private final Optional<String> issuer;

  @Inject
  WellKnownResource(
      @ConfigProperty(name = "countersign.gateway.url") URI gateway,
      @ConfigProperty(name = "countersign.agents.issuer") Optional<String> issuer) {
    this.gateway = gateway;
    this.issuer = issuer;
  }

  @GET
  @Path("authzen-configuration")
  @Operation(operationId = "authzen", summary = "AuthZEN's metadata (Authorization API 1.0, §9)")
  public Response authzen() {
    ObjectNode metadata =
        JsonNodeFactory.instance
            .objectNode()
            .put("policy_decision_point", gateway.toString())
            .put("access_evaluation_endpoint", gateway.resolve("/access/v1/evaluation").toString())
            .put(
                "access_evaluations_endpoint",
                gateway.resolve("/access/v1/evaluations").toString());
    return Response.ok(EventJson.write(metadata)).build();
  }

  /// 404 where no issuer of tokens is trusted.
  @GET
  @Path("oauth-protected-resource")
  @Operation(operationId = "resource", summary = "Who issues tokens for the gateway (RFC 9728)")
  public Response resource() {
    return resource("");
  }

  @GET
  @Path("oauth-protected-resource/mcp")
  @Operation(operationId = "mcpResource", summary = "Who issues tokens for /mcp (RFC 9728)")
  public Response mcpResource() {
    return resource("/mcp");
  }

  private Response resource(String path) {
    if (issuer.isEmpty()) {
      return Problem.of(
              404,
              "no-issuer",
              "No issuer",
              "No issuer of tokens is trusted here; agents have keys or certificates.")
          .response();
    }
    ObjectNode metadata =
        JsonNodeFactory.instance.objectNode().put("resource", gateway.toString() + path);
    metadata.putArray("authorization_servers").add(issuer.get());
    metadata.putArray("bearer_methods_supported").add("header");
    return Response.ok(EventJson.write(metadata)).build();
  }
}
