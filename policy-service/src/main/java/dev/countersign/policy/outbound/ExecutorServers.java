package dev.countersign.policy.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.messaging.Neighbour;
import dev.countersign.policy.application.Servers;
import dev.countersign.policy.domain.Offered;
import dev.countersign.policy.domain.OfferedTool;
import dev.countersign.policy.domain.ParameterSchema;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Asks the executor every second, which alone reaches the servers: `GET /v1/servers`. While it is
/// away, and while it has not heard of a server yet since its own start, what it said last stands:
/// the executor itself holds each call against what the server says then.
@Startup
@ApplicationScoped
class ExecutorServers implements Servers {

  private static final Logger LOG = Logger.getLogger(ExecutorServers.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final Duration BETWEEN = Duration.ofSeconds(1);
  // Many servers, each with schemas for many tools.
  private static final int LARGEST = 32 * 1024 * 1024;

  private final HttpRequest request;
  private final Neighbour executor = new Neighbour(TIMEOUT, TIMEOUT, LARGEST);
  private final ScheduledExecutorService asker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("ask-servers").factory());
  private volatile Offered offered = Offered.NOTHING;
  private byte @Nullable [] last;

  @Inject
  ExecutorServers(@ConfigProperty(name = "countersign.executor.url") URI executor) {
    this.request = HttpRequest.newBuilder(executor.resolve("/v1/servers")).build();
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
  public Offered offered() {
    return offered;
  }

  private void ask() {
    try {
      HttpResponse<byte[]> answer = executor.await(request);
      if (answer.statusCode() == 200 && !Arrays.equals(answer.body(), last)) {
        offered = read(EventJson.readTree(answer.body()), offered);
        last = answer.body();
      }
    } catch (IOException e) {
      LOG.debugf("The executor can't be asked for servers cause=%s", e.toString());
    } catch (RuntimeException e) {
      // Else the schedule would end, and what is known would stand for ever.
      LOG.errorf(e, "What the executor says of servers can't be read");
    }
  }

  /// @param before what is known of those that it has not heard of yet
  static Offered read(JsonNode said, Offered before) {
    Map<String, Offered.Server> servers = new HashMap<>();
    for (Map.Entry<String, JsonNode> each : said.path("servers").properties()) {
      Offered.Server known = before.byToolset().get(each.getKey());
      boolean unseen = !each.getValue().has("seenAt");
      servers.put(each.getKey(), unseen && known != null ? known : server(each.getValue(), known));
    }
    return new Offered(servers);
  }

  private static Offered.Server server(JsonNode said, Offered.@Nullable Server before) {
    Map<String, OfferedTool> tools = new LinkedHashMap<>();
    for (JsonNode each : said.path("tools")) {
      String name = each.path("name").asText();
      OfferedTool known = before == null ? null : before.tools().get(name);
      tools.put(name, tool(each, known));
    }
    List<String> leftOut = new ArrayList<>();
    said.path("leftOut").forEach(each -> leftOut.add(each.asText()));
    return new Offered.Server(
        said.has("seenAt") ? Instant.parse(said.path("seenAt").asText()) : null,
        said.path("problem").textValue(),
        leftOut,
        tools);
  }

  /// @param known whose schema need not be compiled once more where it is the same
  private static OfferedTool tool(JsonNode said, @Nullable OfferedTool known) {
    Digest pin = new Digest(said.path("pin").asText());
    ParameterSchema parameters = null;
    String unreadable = null;
    if (known != null && known.pin().equals(pin)) {
      parameters = known.parameters();
      unreadable = known.unreadable();
    } else {
      try {
        parameters = JsonSchemas.compile(said.path("inputSchema"));
      } catch (RuntimeException | StackOverflowError e) {
        unreadable = String.valueOf(e.getMessage());
      }
    }
    return new OfferedTool(
        said.path("name").asText(),
        said.path("title").textValue(),
        said.path("description").textValue(),
        said.path("inputSchema"),
        said.path("annotations"),
        pin,
        parameters,
        unreadable);
  }
}
