package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.executor.domain.Listing;
import dev.countersign.executor.domain.Outcome;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Asks an MCP server for all of its tools: `tools/list`, page by page (MCP 2025-11-25
/// §Pagination).
final class ServerTools {

  private static final int MOST_PAGES = 20;
  private static final int MOST_TOOLS = 500;

  /// What came of asking.
  sealed interface Listed {
    record All(Listing listing) implements Listed {}

    record Not(String why) implements Listed {}
  }

  private final McpSession session;
  private final Instant now;
  private final long end;
  private final List<JsonNode> tools = new ArrayList<>();
  private int pages;

  private ServerTools(McpSession session, Instant now, long end) {
    this.session = session;
    this.now = now;
    this.end = end;
  }

  static Future<Listed> list(McpSession session, Instant now, Duration timeout) {
    return new ServerTools(session, now, System.nanoTime() + timeout.toNanos()).page(null);
  }

  private Future<Listed> page(@Nullable String cursor) {
    ObjectNode params = JsonNodeFactory.instance.objectNode();
    if (cursor != null) {
      params.put("cursor", cursor);
    }
    return session
        .send("tools/list", params, Duration.ofNanos(end - System.nanoTime()))
        .compose(this::next);
  }

  private Future<Listed> next(McpSession.Reply reply) {
    Optional<JsonNode> result =
        reply.response().map(found -> found.json().path("result")).filter(JsonNode::isObject);
    if (result.isEmpty()) {
      return not(
          switch (reply.exchanged()) {
            case Exchanged.Not it -> words(it.why());
            case Exchanged.Broken it -> words(it.why());
            case Exchanged.Answered it -> "it answered " + it.code() + " without a list";
          });
    }
    result.get().path("tools").forEach(tools::add);
    pages++;
    if (tools.size() > MOST_TOOLS) {
      return not("it has more than " + MOST_TOOLS + " tools");
    }
    JsonNode cursor = result.get().path("nextCursor");
    if (!cursor.isTextual()) {
      return Future.succeededFuture(new Listed.All(Listing.of(tools, now)));
    }
    return pages == MOST_PAGES
        ? not("its list has more than " + MOST_PAGES + " pages")
        : page(cursor.textValue());
  }

  private static Future<Listed> not(String why) {
    return Future.succeededFuture(new Listed.Not(why));
  }

  private static String words(Outcome outcome) {
    return outcome.reason() == null ? "it could not be asked" : outcome.reason().text();
  }
}
