package dev.countersign.executor.inbound;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.executor.application.ShowExecution;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/// How executions ended, for those who know the action's id.
@Path("/v1/executions")
class ExecutionResource {

  private final ShowExecution show;

  @Inject
  ExecutionResource(ShowExecution show) {
    this.show = show;
  }

  @GET
  @Path("/{actionId}")
  @Produces({MediaType.APPLICATION_JSON, "application/problem+json"})
  public Uni<Response> get(@PathParam("actionId") String text) {
    ActionId actionId;
    try {
      actionId = ActionId.of(text);
    } catch (IllegalArgumentException e) {
      return Uni.createFrom()
          .item(
              problem(
                  Response.Status.BAD_REQUEST,
                  "action-id",
                  "That is no action id",
                  "An action id is a UUID of 36 characters; ask for the one in the proposal."));
    }
    return show.find(actionId)
        .map(found ->
            found == null
                ? problem(
                    Response.Status.NOT_FOUND,
                    "unknown-execution",
                    "No execution of that action",
                    "No approved decision for this action has come here (yet). Ask the gateway"
                        + " what it waits for.")
                : Response.ok(found, MediaType.APPLICATION_JSON).build());
  }

  private static Response problem(
      Response.Status status, String code, String title, String detail) {
    ObjectNode problem = JsonNodeFactory.instance.objectNode();
    problem.put("type", "urn:countersign:problem:" + code);
    problem.put("title", title);
    problem.put("status", status.getStatusCode());
    problem.put("detail", detail);
    return Response.status(status).entity(problem).type("application/problem+json").build();
  }
}
