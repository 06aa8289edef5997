package dev.countersign.audit.inbound;

import dev.countersign.audit.application.FindEvidence;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.verifier.EvidenceFile;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/// What proves, offline and without us, how an action went.
@Path("/v1/evidence")
public class EvidenceResource {

  private final FindEvidence evidence;

  @Inject
  EvidenceResource(FindEvidence evidence) {
    this.evidence = evidence;
  }

  /// All of an action's entries with what it takes to check them (docs/evidence.md).
  @GET
  @Path("/{actionId}")
  @APIResponse(responseCode = "200", description = "The file.")
  @APIResponse(responseCode = "400", description = "What stands there is no actionId.")
  @APIResponse(responseCode = "404", description = "The log holds nothing of this action.")
  @APIResponse(responseCode = "422", description = "More records of this action than fit one file.")
  @APIResponse(
      responseCode = "503",
      description = "The witness or the ticket service is away: ask again.")
  public Uni<Response> evidence(@PathParam("actionId") String actionId) {
    ActionId id;
    try {
      id = ActionId.of(actionId);
    } catch (IllegalArgumentException e) {
      return Uni.createFrom().item(Problems.notAnId(e));
    }
    return evidence
        .find(id)
        .map(found ->
            found instanceof FindEvidence.Found.Whole whole
                ? json(whole.file())
                : Problems.noEvidence(found));
  }

  private static Response json(EvidenceFile file) {
    return Response.ok(EventJson.write(file), MediaType.APPLICATION_JSON_TYPE).build();
  }
}
