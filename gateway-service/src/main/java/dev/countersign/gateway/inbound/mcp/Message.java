package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;

/// One JSON-RPC message (JSON-RPC 2.0 §4, §5) as a client posts it.
sealed interface Message {

  /// @param id a string or a whole number
  /// @param params an empty object where there are none
  record Request(JsonNode id, String method, ObjectNode params) implements Message {}

  record Notification(String method, ObjectNode params) implements Message {}

  /// To a request that we never sent: there is nothing to do with it.
  record Response() implements Message {}

  /// Reads what a stranger sent, by the bounds of a proposal, before anything is built from it.
  static Message read(byte[] body) throws RpcError {
    if (firstOf(body) == '[') {
      throw RpcError.noMessage("Batches are not taken; send each message by itself");
    }
    try {
      Bounds.check(body);
    } catch (Bounds.OutOfBounds e) {
      throw e.code().startsWith("not-")
          ? RpcError.unreadable(e.sentence())
          : RpcError.outOfBounds(e.code(), e.sentence());
    }
    return of(EventJson.readTree(body));
  }

  private static Message of(JsonNode message) throws RpcError {
    if (!"2.0".equals(message.path("jsonrpc").textValue())) {
      throw RpcError.noMessage("jsonrpc must be \"2.0\"");
    }
    if (!message.has("method") && (message.has("result") || message.has("error"))) {
      return new Response();
    }
    String method = message.path("method").textValue();
    if (method == null) {
      throw RpcError.noMessage("method must be a string");
    }
    JsonNode params =
        message.has("params") ? message.get("params") : JsonNodeFactory.instance.objectNode();
    if (!(params instanceof ObjectNode object)) {
      throw RpcError.noMessage("params must be an object");
    }
    if (!message.has("id")) {
      return new Notification(method, object);
    }
    JsonNode id = message.get("id");
    if (!id.isTextual() && !id.isIntegralNumber()) {
      throw RpcError.noMessage("id must be a string or a whole number");
    }
    return new Request(id, method, object);
  }

  private static char firstOf(byte[] body) {
    for (byte each : body) {
      if (each != ' ' && each != '\t' && each != '\r' && each != '\n') {
        return (char) each;
      }
    }
    return ' ';
  }
}
