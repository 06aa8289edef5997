package dev.countersign.gateway.inbound.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// The methods of the protocol, by revision. A request that can't be served fails with an {@link
/// RpcError}.
@ApplicationScoped
class Methods {

  private static final String IDEMPOTENCY_KEY = "dev.countersign/idempotency-key";

  /// Tools come and go with the operator's files, without a restart.
  private static final int LIST_GOOD_FOR_MS = 60_000;

  private static final int DISCOVERY_GOOD_FOR_MS = 3_600_000;

  private static final String INSTRUCTIONS =
      "Countersign asks people before a tool call that cannot be undone. Call request_approval with"
          + " the exact tool and parameters before you do such a thing. While it waits, pass"
          + " say_to_user on to your user and ask again with check_approval; the answer is kept, so"
          + " you may come back later. Only approved or succeeded is a yes: never take a wait, a"
          + " timeout or an error for one, and never look for another way to the same effect.";

  private final Tools tools;
  private final Tasks tasks;
  private final String version;

  @Inject
  Methods(
      Tools tools,
      Tasks tasks,
      @ConfigProperty(name = "quarkus.application.version") String version) {
    this.tools = tools;
    this.tasks = tasks;
    this.version = version;
  }

  /// The result, as the request's revision has it.
  Uni<ObjectNode> answer(McpRequest request) {
    Revision revision = request.caller().revision();
    return revision.hasHandshake() ? withHandshake(request) : stateless(request).map(this::signed);
  }

  private Uni<ObjectNode> withHandshake(McpRequest request) {
    return switch (request.method()) {
      case "initialize" -> initialize(request);
      case "ping" -> Uni.createFrom().item(JsonNodeFactory.instance.objectNode());
      case "tools/list" -> list(request);
      case "tools/call" -> call(request);
      default -> noSuchMethod(request);
    };
  }

  private Uni<ObjectNode> stateless(McpRequest request) {
    return switch (request.method()) {
      case "server/discover" -> Uni.createFrom().item(discovery());
      case "tools/list" ->
          list(request).map(it -> it.put("ttlMs", LIST_GOOD_FOR_MS).put("cacheScope", "private"));
      case "tools/call" -> call(request);
      case "tasks/get" -> tasks.get(request);
      case "tasks/update" -> tasks.update(request);
      case "tasks/cancel" -> tasks.cancel(request);
      default -> noSuchMethod(request);
    };
  }

  private static Uni<ObjectNode> noSuchMethod(McpRequest request) {
    return Uni.createFrom()
        .failure(RpcError.noSuchMethod(request.method(), request.caller().revision()));
  }

  private Uni<ObjectNode> initialize(McpRequest request) {
    JsonNode wanted = request.params().path("protocolVersion");
    if (!wanted.isTextual()) {
      return Uni.createFrom()
          .failure(RpcError.invalidParams("protocolVersion is missing; it must be a string"));
    }
    Revision revision =
        Revision.find(wanted.textValue())
            .filter(Revision::hasHandshake)
            .orElse(Revision.newestWithHandshake());
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.put("protocolVersion", revision.toString());
    capabilities(result);
    result.set("serverInfo", server());
    return Uni.createFrom().item(result.put("instructions", INSTRUCTIONS));
  }

  private static ObjectNode discovery() {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    // Those that can be spoken request by request; the others begin with `initialize`.
    result.putArray("supportedVersions").add(Revision.JULY_2026.toString());
    capabilities(result).putObject("extensions").putObject(Tasks.EXTENSION);
    return result
        .put("instructions", INSTRUCTIONS)
        .put("ttlMs", DISCOVERY_GOOD_FOR_MS)
        .put("cacheScope", "public");
  }

  private static ObjectNode capabilities(ObjectNode result) {
    ObjectNode capabilities = result.putObject("capabilities");
    capabilities.putObject("tools").put("listChanged", true);
    return capabilities;
  }

  private ObjectNode server() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("name", "countersign")
        .put("title", "Countersign")
        .put("version", version);
  }

  /// What each result of 2026-07-28 says beside its content.
  private ObjectNode signed(ObjectNode result) {
    ObjectNode signed = result.deepCopy();
    if (!signed.has("resultType")) {
      signed.put("resultType", "complete");
    }
    signed.withObject("/_meta").set("io.modelcontextprotocol/serverInfo", server());
    return signed;
  }

  private Uni<ObjectNode> list(McpRequest request) {
    if (request.params().hasNonNull("cursor")) {
      return Uni.createFrom()
          .failure(RpcError.invalidParams("There is one page alone; leave cursor out"));
    }
    return tools
        .list(request.caller())
        .map(all -> {
          ObjectNode result = JsonNodeFactory.instance.objectNode();
          ArrayNode descriptors = result.putArray("tools");
          all.forEach(it -> descriptors.add(it.descriptor()));
          return result;
        });
  }

  private Uni<ObjectNode> call(McpRequest request) {
    String name = request.params().path("name").textValue();
    if (name == null) {
      return Uni.createFrom().failure(RpcError.invalidParams("name is missing; name the tool"));
    }
    JsonNode given = request.params().path("arguments");
    if (!given.isMissingNode() && !given.isNull() && !given.isObject()) {
      return Uni.createFrom().failure(RpcError.invalidParams("arguments must be an object"));
    }
    ObjectNode arguments =
        given instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
    McpCaller caller = request.caller();
    JsonNode key = request.params().path("_meta").path(IDEMPOTENCY_KEY);
    if (!key.isMissingNode() && !key.isNull() && !key.isTextual()) {
      // Left out, it would have a call that is sent again run twice.
      return Uni.createFrom()
          .failure(RpcError.invalidParams(IDEMPOTENCY_KEY + " in _meta must be a string"));
    }
    return tools
        .find(name, caller)
        .chain(found ->
            found.isEmpty()
                ? Uni.createFrom()
                    .failure(RpcError.invalidParams("Unknown tool: " + name + "; see tools/list"))
                : found
                    .get()
                    .call(new McpCall(caller, arguments, key.textValue(), request.traceparent()))
                    .chain(answer -> result(found.get(), caller, answer)));
  }

  private Uni<ObjectNode> result(McpTool tool, McpCaller caller, McpAnswer answer) {
    return switch (answer) {
      case McpAnswer.Complete it -> Uni.createFrom().item(it.result());
      case McpAnswer.OfAction it -> tasks.resultOrTask(tool, caller, it.progress());
    };
  }
}
