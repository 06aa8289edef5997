package dev.countersign.audit.inbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.audit.application.SearchActions;
import dev.countersign.events.EventJson;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/// Searching, for programs.
@Path("/v1/actions")
public class ActionsResource {

  private final SearchActions actions;

  @Inject
  ActionsResource(SearchActions actions) {
    this.actions = actions;
  }

  /// The newest actions for which all of this holds; `next` leads to those before them.
  @GET
  @APIResponse(responseCode = "200", description = "A page; `next` leads to the one before it.")
  @APIResponse(
      responseCode = "400",
      description = "A parameter that can't be read; `detail` names it.")
  public Uni<Response> search(@BeanParam Query query) {
    SearchActions.Wanted wanted;
    try {
      wanted = query.wanted();
    } catch (Query.Unreadable e) {
      return Uni.createFrom()
          .item(
              Problems.problem(
                  400,
                  "query",
                  "Not a search",
                  e.part()
                      + " cannot be read: action is a UUID, from and to are days as 2026-11-26 or"
                      + " moments in UTC, outcome is a status of the gateway's, after comes from"
                      + " next"));
    }
    return actions
        .search(wanted)
        .map(page ->
            Response.ok(EventJson.write(json(query, page)), MediaType.APPLICATION_JSON_TYPE)
                .header("Cache-Control", "no-store")
                .build());
  }

  private static ObjectNode json(Query query, SearchActions.Page page) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode actions = json.putArray("actions");
    for (SearchActions.Listed each : page.actions()) {
      ObjectNode action =
          actions
              .addObject()
              .put("actionId", each.actionId().toString())
              .put("at", each.at().toString())
              .put("entries", each.entries())
              .put("erased", each.erased())
              .put("evidence", "/v1/evidence/" + each.actionId());
      if (each.agent() != null) {
        action.put("agent", each.agent());
      }
      if (each.tool() != null) {
        action.put(
            "tool", each.toolset() == null ? each.tool() : each.toolset() + "/" + each.tool());
      }
      each.outcome().ifPresent(it -> action.put("outcome", it.word()));
      each.people().forEach(action.putArray("people")::add);
    }
    if (page.next() != null) {
      json.put("next", query.path("/v1/actions", page.next()));
    }
    return json;
  }
}
