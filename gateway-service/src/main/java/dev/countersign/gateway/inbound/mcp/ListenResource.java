package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.application.FollowActions;
import dev.countersign.gateway.inbound.Callers;
import dev.countersign.gateway.inbound.Origins;
import dev.countersign.gateway.inbound.Streams;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.operators.multi.processors.BroadcastProcessor;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/// Tells those who listen that the tools have changed: over `subscriptions/listen` (2026-07-28) or
/// over the stream of a GET (before it). Nothing else is streamed: whoever waits for people asks
/// again.
@Path("/mcp")
@ApplicationScoped
class ListenResource {

  private static final String LISTEN = "subscriptions/listen";
  private static final String PATH = "/mcp/listen";
  private static final String SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";

  private final Origins origins;
  private final FollowActions followActions;
  private final RoutingContext routing;
  private final BroadcastProcessor<ToolListChanged> changes = BroadcastProcessor.create();

  @Inject
  ListenResource(Origins origins, FollowActions followActions, RoutingContext routing) {
    this.origins = origins;
    this.followActions = followActions;
    this.routing = routing;
  }

  /// One after the other: several sources may change at once.
  synchronized void changed(@Observes ToolListChanged change) {
    changes.onNext(change);
  }

  /// One address for both kinds of answer: what the header calls listening is answered here.
  @ServerRequestFilter(preMatching = true)
  void reroute(ContainerRequestContext request) {
    if (request.getMethod().equals("POST")
        && request.getUriInfo().getPath().equals("/mcp")
        && LISTEN.equals(request.getHeaderString("Mcp-Method"))) {
      request.setRequestUri(URI.create(PATH));
    }
  }

  @ServerExceptionMapper
  Response error(RpcError.Thrown thrown) {
    return thrown.response();
  }

  @POST
  @Path("listen")
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @Operation(hidden = true)
  public Multi<OutboundSseEvent> listen(
      byte @Nullable [] body, @Context HttpHeaders http, @Context Sse sse) {
    McpRequest request = request(body, http);
    boolean tools = request.params().path("notifications").path("toolsListChanged").asBoolean();
    ObjectNode agreed = params(request.id());
    agreed.putObject("notifications");
    if (tools) {
      agreed.withObject("/notifications").put("toolsListChanged", true);
    }
    OutboundSseEvent acknowledged =
        event(sse, notification("notifications/subscriptions/acknowledged", agreed));
    OutboundSseEvent changed =
        event(sse, notification("notifications/tools/list_changed", params(request.id())));
    return Multi.createBy()
        .concatenating()
        .streams(
            Multi.createFrom().item(acknowledged),
            stream(sse, tools ? changes.map(_ -> changed) : Multi.createFrom().nothing()));
  }

  private McpRequest request(byte @Nullable [] body, HttpHeaders http) {
    JsonNode id = null;
    try {
      if (!origins.allow(http.getHeaderString("Origin"))) {
        throw RpcError.foreignOrigin();
      }
      if (!(Message.read(body == null ? new byte[0] : body) instanceof Message.Request message)) {
        throw RpcError.headerMismatch("Mcp-Method names a request, and the body is none");
      }
      id = message.id();
      McpRequest request = McpRequest.of(message, RequestHeaders.of(http), Callers.of(routing));
      if (!request.method().equals(LISTEN) || request.caller().revision().hasHandshake()) {
        throw RpcError.noSuchMethod(request.method(), request.caller().revision());
      }
      JsonNode wanted = request.params().path("notifications");
      if (!wanted.isObject()) {
        throw RpcError.invalidParams("notifications must be an object");
      }
      if (wanted.has("taskIds") && !request.caller().tasks()) {
        throw RpcError.needsTasks();
      }
      requireRoom();
      return request;
    } catch (RpcError e) {
      throw new RpcError.Thrown(id, e);
    }
  }

  @GET
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @Operation(hidden = true)
  public Multi<OutboundSseEvent> stream(@Context HttpHeaders http, @Context Sse sse) {
    try {
      if (!origins.allow(http.getHeaderString("Origin"))) {
        throw RpcError.foreignOrigin();
      }
      if (Revision.JULY_2026.toString().equals(http.getHeaderString("MCP-Protocol-Version"))) {
        throw RpcError.noStream();
      }
      requireRoom();
    } catch (RpcError e) {
      throw new RpcError.Thrown(null, e);
    }
    OutboundSseEvent changed =
        event(
            sse,
            JsonNodeFactory.instance
                .objectNode()
                .put("jsonrpc", "2.0")
                .put("method", "notifications/tools/list_changed"));
    return stream(sse, changes.map(_ -> changed));
  }

  private void requireRoom() throws RpcError {
    if (followActions.isFull(Callers.of(routing))) {
      throw RpcError.noRoom();
    }
  }

  /// A comment at once, so that the client sees the stream begin.
  private Multi<OutboundSseEvent> stream(Sse sse, Multi<OutboundSseEvent> events) {
    return followActions.counted(
        Callers.of(routing),
        Multi.createBy()
            .concatenating()
            .streams(
                Multi.createFrom().item(Streams.alive(sse)),
                Streams.of(
                    events.onOverflow().dropPreviousItems().map(Optional::of),
                    sse,
                    Callers.stillGood(routing))));
  }

  private static ObjectNode params(JsonNode id) {
    ObjectNode params = JsonNodeFactory.instance.objectNode();
    params.putObject("_meta").set(SUBSCRIPTION, id);
    return params;
  }

  private static ObjectNode notification(String method, ObjectNode params) {
    ObjectNode notification =
        JsonNodeFactory.instance.objectNode().put("jsonrpc", "2.0").put("method", method);
    notification.set("params", params);
    return notification;
  }

  private static OutboundSseEvent event(Sse sse, ObjectNode message) {
    return sse.newEventBuilder()
        .name("message")
        .data(new String(EventJson.write(message), StandardCharsets.UTF_8))
        .build();
  }
}
