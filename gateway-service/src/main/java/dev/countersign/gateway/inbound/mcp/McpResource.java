package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.inbound.Callers;
import dev.countersign.gateway.inbound.Origins;
import dev.countersign.messaging.Unavailable;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The MCP endpoint (Streamable HTTP): one message per POST, answered with JSON. What is streamed
/// is {@link ListenResource}'s.
@Path("/mcp")
class McpResource {

  private static final Logger LOG = Logger.getLogger(McpResource.class);

  private final Methods methods;
  private final Origins origins;
  private final RoutingContext routing;

  @Inject
  McpResource(Methods methods, Origins origins, RoutingContext routing) {
    this.methods = methods;
    this.origins = origins;
    this.routing = routing;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(hidden = true)
  public Uni<Response> post(byte @Nullable [] body, @Context HttpHeaders http) {
    try {
      if (!origins.allow(http.getHeaderString("Origin"))) {
        throw RpcError.foreignOrigin();
      }
      return switch (Message.read(body == null ? new byte[0] : body)) {
        case Message.Request it -> answer(it, http);
        // Nothing that a client could notify us of changes anything: above all, that it no longer
        // waits for a call takes nothing back.
        case Message.Notification _, Message.Response _ ->
            Uni.createFrom().item(Response.accepted().build());
      };
    } catch (RpcError e) {
      return Uni.createFrom().item(e.response(null));
    }
  }

  private Uni<Response> answer(Message.Request message, HttpHeaders http) {
    JsonNode id = message.id();
    McpRequest request;
    try {
      request = McpRequest.of(message, RequestHeaders.of(http), Callers.of(routing));
    } catch (RpcError e) {
      return Uni.createFrom().item(e.response(id));
    }
    return methods
        .answer(request)
        .map(result -> response(request, result))
        .onFailure()
        .recoverWithItem(failure -> failed(id, failure));
  }

  private static Response failed(JsonNode id, Throwable failure) {
    RpcError error =
        switch (failure) {
          case RpcError it -> it;
          case Unavailable it -> {
            LOG.warnf("Request could not be served now cause=%s", it.getCause());
            yield RpcError.unavailable();
          }
          default -> {
            LOG.error("Request failed unexpectedly", failure);
            yield RpcError.internal();
          }
        };
    return error.response(id);
  }

  private static Response response(McpRequest request, ObjectNode result) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("jsonrpc", "2.0");
    body.set("id", request.id());
    body.set("result", result);
    Response.ResponseBuilder response =
        Response.ok(EventJson.write(body), MediaType.APPLICATION_JSON_TYPE)
            .header("Cache-Control", "no-store");
    if (request.method().equals("initialize")) {
      String client = request.params().path("clientInfo").path("name").textValue();
      response.header(McpSession.HEADER, McpSession.begin(McpAgent.name(client)).toString());
    }
    return response.build();
  }
}
