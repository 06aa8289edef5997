package dev.countersign.gateway.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import dev.countersign.events.Tool;
import dev.countersign.gateway.application.UpstreamTools;
import dev.countersign.gateway.domain.UpstreamTool;
import dev.countersign.messaging.Neighbour;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// Asks policy every second what gets through: `GET /v1/servers`. While it is away its last word
/// stands: it judges each call all the same.
@Startup
@ApplicationScoped
class PolicyServers implements UpstreamTools {

  private static final Logger LOG = Logger.getLogger(PolicyServers.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final Duration BETWEEN = Duration.ofSeconds(1);
  // Many servers, each with schemas for many tools.
  private static final int LARGEST = 32 * 1024 * 1024;
  private static final List<String> HINTS =
      List.of("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint");
  // Keywords of JSON Schema whose members are named by the schema's author.
  private static final Set<String> NAMED_SCHEMAS =
      Set.of(
          "properties",
          "patternProperties",
          "dependentSchemas",
          "dependencies",
          "$defs",
          "definitions");
  // Those that hold values, and no schema.
  private static final Set<String> VALUES = Set.of("const", "enum", "default", "examples");

  private final HttpRequest request;
  private final Neighbour policy = new Neighbour(TIMEOUT, TIMEOUT, LARGEST);
  private final ScheduledExecutorService asker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("ask-servers").factory());
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile List<UpstreamTool> all = List.of();

  @Inject
  PolicyServers(@ConfigProperty(name = "countersign.policy.url") URI policy) {
    this.request = HttpRequest.newBuilder(policy.resolve("/v1/servers")).build();
  }

  @PostConstruct
  void open() {
    var _ = asker.scheduleWithFixedDelay(this::ask, 0, BETWEEN.toMillis(), TimeUnit.MILLISECONDS);
  }

  @PreDestroy
  void close() {
    asker.shutdownNow();
  }

  @Override
  public List<UpstreamTool> all() {
    return all;
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  private void ask() {
    try {
      HttpResponse<byte[]> answer = policy.await(request);
      if (answer.statusCode() != 200) {
        return;
      }
      List<UpstreamTool> now = read(EventJson.readTree(answer.body()));
      if (!now.equals(all)) {
        all = now;
        listeners.forEach(Runnable::run);
      }
    } catch (IOException e) {
      LOG.debugf("Policy can't be asked for servers cause=%s", e.toString());
    } catch (RuntimeException e) {
      // Else the schedule would end, and what is listed would stand for ever.
      LOG.errorf(e, "What policy says of servers can't be read");
    }
  }

  static List<UpstreamTool> read(JsonNode said) {
    List<UpstreamTool> all = new ArrayList<>();
    for (JsonNode server : said.path("servers")) {
      String toolset = server.path("toolset").asText();
      for (JsonNode each : server.path("tools")) {
        boolean getsThrough =
            each.path("state").asText().equals("in-force")
                && !each.path("mode").asText().equals("deny");
        all.add(
            new UpstreamTool(
                new Tool(toolset, each.path("name").asText()),
                getsThrough,
                descriptor(toolset, each)));
      }
    }
    return List.copyOf(all);
  }

  /// What the operator accepted, which the pin covers, and the hints. Without `title`, also the one
  /// in `annotations`: free text that nobody accepted would speak to the model. Without
  /// `outputSchema`: that it waits, or for what reason it was not called, is no output of the
  /// tool's.
  private static ObjectNode descriptor(String toolset, JsonNode tool) {
    ObjectNode descriptor = JsonNodeFactory.instance.objectNode();
    descriptor.set("name", tool.path("name"));
    if (tool.hasNonNull("description")) {
      descriptor.set("description", tool.path("description"));
    }
    if (tool.hasNonNull("inputSchema")) {
      JsonNode schema = tool.path("inputSchema").deepCopy();
      dropHeaders(schema);
      descriptor.set("inputSchema", schema);
    }
    ObjectNode hints = JsonNodeFactory.instance.objectNode();
    for (String hint : HINTS) {
      if (tool.path("annotations").path(hint).isBoolean()) {
        hints.set(hint, tool.path("annotations").path(hint));
      }
    }
    if (!hints.isEmpty()) {
      descriptor.set("annotations", hints);
    }
    descriptor
        .putObject("_meta")
        .put("dev.countersign/toolset", toolset)
        .put("dev.countersign/mode", tool.path("mode").asText());
    return descriptor;
  }

  /// Takes `x-mcp-header` out, with which a server would have a client repeat parameters in
  /// headers, wherever it is a keyword: a parameter may have that name.
  private static void dropHeaders(JsonNode schema) {
    if (schema instanceof ObjectNode object) {
      object.remove("x-mcp-header");
      for (Map.Entry<String, JsonNode> each : object.properties()) {
        if (NAMED_SCHEMAS.contains(each.getKey())) {
          each.getValue().forEach(PolicyServers::dropHeaders);
        } else if (!VALUES.contains(each.getKey())) {
          dropHeaders(each.getValue());
        }
      }
    } else if (schema.isArray()) {
      schema.forEach(PolicyServers::dropHeaders);
    }
  }
}
