package dev.countersign.executor.inbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import dev.countersign.executor.application.Freeze;
import dev.countersign.executor.application.Freezes;
import dev.countersign.messaging.Failures;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// What is frozen. Freezing and lifting have other doors.
@Path("/v1/freezes")
@Tag(name = "freezes", description = "What is not executed until two admins lift it.")
class FreezeResource {

  private final Freezes freezes;

  @Inject
  FreezeResource(Freezes freezes) {
    this.freezes = freezes;
  }

  @GET
  @Produces({MediaType.APPLICATION_JSON, Problems.MEDIA_TYPE})
  @Operation(operationId = "freezes", summary = "The freezes in force, the oldest first")
  @APIResponse(
      responseCode = "200",
      description = "`freezes`: each with `freeze`, `frozen`, `words`, `by`, `reason`, `since`.")
  @APIResponse(responseCode = "503", description = "The database is away; ask again.")
  public Uni<Response> all() {
    return freezes
        .inForce()
        .map(found -> Response.ok(shown(found), MediaType.APPLICATION_JSON).build())
        .onFailure(Failures::isAway)
        .recoverWithItem(Problems::away);
  }

  private static ObjectNode shown(List<Freeze> freezes) {
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    ArrayNode all = shown.putArray("freezes");
    for (Freeze each : freezes) {
      ObjectNode one = all.addObject();
      one.put("freeze", each.id().toString());
      one.set("frozen", EventJson.tree(each.frozen()));
      one.put("words", each.frozen().words());
      one.put("by", each.by());
      one.put("reason", each.reason());
      one.put("since", each.since().toString());
    }
    return shown;
  }
}
