package dev.countersign.executor.inbound;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import dev.countersign.executor.application.Listings;
import dev.countersign.executor.domain.Listing;
import dev.countersign.executor.domain.Offer;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// Where policy learns what the MCP servers behind the gate have.
@Path("/v1/servers")
@Tag(name = "servers", description = "The MCP servers behind the gate, for whoever judges calls.")
class ServerResource {

  private final Listings listings;

  @Inject
  ServerResource(Listings listings) {
    this.listings = listings;
  }

  @GET
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "servers",
      summary = "What each MCP server that is a whole toolset said that it has")
  @APIResponse(
      responseCode = "200",
      description =
          "`servers`: by toolset its `tools` (`name`, `title`, `description`, `inputSchema`,"
              + " `annotations`, `pin`), `leftOut` (why a tool is none), `seenAt` (absent before its"
              + " first answer) and `problem` (why it could not be asked the last time)")
  public Response servers() {
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    ObjectNode servers = shown.putObject("servers");
    listings.all().forEach((toolset, listing) -> servers.set(toolset, shown(listing)));
    return Response.ok(EventJson.write(shown), MediaType.APPLICATION_JSON).build();
  }

  private static ObjectNode shown(Listing listing) {
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    if (listing.seenAt() != null) {
      shown.put("seenAt", listing.seenAt().toString());
    }
    if (listing.problem() != null) {
      shown.put("problem", listing.problem());
    }
    shown.set("leftOut", EventJson.tree(listing.leftOut()));
    shown.putArray("tools").addAll(listing.offers().stream().map(ServerResource::shown).toList());
    return shown;
  }

  private static ObjectNode shown(Offer offer) {
    ObjectNode shown = JsonNodeFactory.instance.objectNode().put("name", offer.name());
    if (offer.title() != null) {
      shown.put("title", offer.title());
    }
    if (offer.description() != null) {
      shown.put("description", offer.description());
    }
    shown.set("inputSchema", offer.inputSchema());
    shown.set("annotations", offer.annotations());
    return shown.put("pin", offer.pin().value());
  }
}
