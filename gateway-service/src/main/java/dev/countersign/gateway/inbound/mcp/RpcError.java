package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A JSON-RPC error (JSON-RPC 2.0 §5.1) with the HTTP status that it is sent with, and a sentence
/// that says what to do.
final class RpcError extends Exception {

  private static final long serialVersionUID = 1L;
  private static final int PARSE = -32700;
  private static final int INVALID_REQUEST = -32600;
  private static final int METHOD_NOT_FOUND = -32601;
  private static final int INVALID_PARAMS = -32602;
  private static final int INTERNAL = -32603;
  private static final int NOT_SERVED = -32000;
  // Of the revision 2026-07-28.
  private static final int HEADER_MISMATCH = -32020;
  private static final int MISSING_CAPABILITY = -32021;
  private static final int UNSUPPORTED_VERSION = -32022;

  private final int status;
  private final int code;
  private final transient @Nullable ObjectNode data;

  private RpcError(int status, int code, String message, @Nullable ObjectNode data) {
    super(message);
    this.status = status;
    this.code = code;
    this.data = data;
  }

  static RpcError unreadable(String sentence) {
    return new RpcError(400, PARSE, sentence, null);
  }

  static RpcError noMessage(String sentence) {
    return new RpcError(400, INVALID_REQUEST, sentence, null);
  }

  /// @param reason the bound that it breaks, as REST names it
  static RpcError outOfBounds(String reason, String sentence) {
    return new RpcError(
        reason.equals("too-large") ? 413 : 400,
        INVALID_REQUEST,
        sentence,
        JsonNodeFactory.instance.objectNode().put("reason", reason));
  }

  /// 404 where the revision says so (Streamable HTTP, Protocol Version Header), 200 before it.
  static RpcError noSuchMethod(String method, Revision revision) {
    return new RpcError(
        revision.hasHandshake() ? 200 : 404, METHOD_NOT_FOUND, "Method not found: " + method, null);
  }

  /// Params that the method can't take: an error of the call and not of HTTP.
  static RpcError invalidParams(String sentence) {
    return new RpcError(200, INVALID_PARAMS, sentence, null);
  }

  /// What each request must say of itself in `_meta` is missing or malformed.
  static RpcError invalidMeta(String sentence) {
    return new RpcError(400, INVALID_PARAMS, sentence, null);
  }

  static RpcError headerMismatch(String sentence) {
    return new RpcError(400, HEADER_MISMATCH, "Header mismatch: " + sentence, null);
  }

  static RpcError needsTasks() {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    data.putObject("requiredCapabilities").putObject("extensions").putObject(Tasks.EXTENSION);
    return new RpcError(
        400,
        MISSING_CAPABILITY,
        "Missing required client capability: declare the extension " + Tasks.EXTENSION,
        data);
  }

  static RpcError unsupportedVersion(String requested, List<Revision> supported) {
    ObjectNode data = JsonNodeFactory.instance.objectNode().put("requested", requested);
    supported.forEach(it -> data.withArray("supported").add(it.toString()));
    return new RpcError(
        400,
        UNSUPPORTED_VERSION,
        "Unsupported protocol version; use one of " + data.path("supported"),
        data);
  }

  static RpcError foreignOrigin() {
    return new RpcError(
        403,
        NOT_SERVED,
        "Pages of this origin may not call here; the operator lists origins in"
            + " countersign.mcp.origins",
        null);
  }

  /// This revision has no stream of its own (Streamable HTTP, Earlier Streamable HTTP Revisions).
  static RpcError noStream() {
    return new RpcError(
        405, NOT_SERVED, "This revision has no GET; POST subscriptions/listen instead", null);
  }

  static RpcError noRoom() {
    return new RpcError(
        503, NOT_SERVED, "No further stream can be kept open now; come again in a moment", null);
  }

  static RpcError unavailable() {
    return new RpcError(
        200,
        INTERNAL,
        "The gateway cannot reach its database; send the same request again in a moment",
        null);
  }

  static RpcError internal() {
    return new RpcError(200, INTERNAL, "This is a fault of the gateway; its log says more", null);
  }

  /// Carries an error out of a stream, which has no response to return.
  static final class Thrown extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient @Nullable JsonNode id;
    private final RpcError error;

    /// @param id of the request, where one could be read
    Thrown(@Nullable JsonNode id, RpcError error) {
      super(error);
      this.id = id;
      this.error = error;
    }

    Response response() {
      return error.response(id);
    }
  }

  Response response(@Nullable JsonNode id) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("jsonrpc", "2.0");
    if (id != null) {
      body.set("id", id);
    }
    body.set("error", error());
    return Response.status(status)
        .type(MediaType.APPLICATION_JSON)
        .header("Cache-Control", "no-store")
        .entity(EventJson.write(body))
        .build();
  }

  private ObjectNode error() {
    ObjectNode error =
        JsonNodeFactory.instance
            .objectNode()
            .put("code", code)
            .put("message", String.valueOf(getMessage()));
    if (data != null) {
      error.set("data", data);
    }
    return error;
  }
}
