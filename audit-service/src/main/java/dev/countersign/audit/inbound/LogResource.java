package dev.countersign.audit.inbound;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.audit.application.Log;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/// What the log has to say: an action's evidence, and the entries in order.
@Path("/v1")
public class LogResource {

  private static final int MOST = 1_000;

  private final Log log;

  @Inject
  LogResource(Log log) {
    this.log = log;
  }

  /// All of an action's entries with what it takes to check them.
  @GET
  @Path("/evidence/{actionId}")
  public Uni<Response> evidence(@PathParam("actionId") String actionId) {
    ActionId id;
    try {
      id = ActionId.of(actionId);
    } catch (IllegalArgumentException e) {
      return problem(400, "action-id", "Not an actionId", e.getMessage() + "; correct the path");
    }
    return log.findEvidence(id)
        .flatMap(found ->
            found
                .map(evidence -> Uni.createFrom().item(json(evidence)))
                .orElseGet(() ->
                    problem(
                        404,
                        "unknown-action",
                        "No entries",
                        "The log holds nothing of this action. Check the id; an event"
                            + " published just now may take a second.")));
  }

  /// At most `limit` entries from an index on; a verifier that replays all begins at 0.
  @GET
  @Path("/entries")
  public Uni<Response> entries(
      @QueryParam("from") @DefaultValue("0") String from,
      @QueryParam("limit") @DefaultValue("100") String limit) {
    long first;
    int most;
    try {
      first = Long.parseLong(from);
      most = Integer.parseInt(limit);
    } catch (NumberFormatException e) {
      return badRange();
    }
    if (first < 0 || first > Long.MAX_VALUE - MOST || most < 1 || most > MOST) {
      return badRange();
    }
    return log.replay(first, most).map(LogResource::json);
  }

  private static Uni<Response> badRange() {
    return problem(
        400, "range", "Not a range", "from is an index from 0, limit a number from 1 to " + MOST);
  }

  private static Response json(Object value) {
    return Response.ok(EventJson.write(value), MediaType.APPLICATION_JSON_TYPE).build();
  }

  private static Uni<Response> problem(int status, String code, String title, String detail) {
    return Uni.createFrom()
        .item(
            Response.status(status)
                .type("application/problem+json")
                .entity(
                    EventJson.write(
                        JsonNodeFactory.instance
                            .objectNode()
                            .put("type", "urn:countersign:problem:" + code)
                            .put("title", title)
                            .put("status", status)
                            .put("detail", detail)))
                .build());
  }
}
