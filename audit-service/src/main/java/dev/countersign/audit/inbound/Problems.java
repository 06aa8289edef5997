package dev.countersign.audit.inbound;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.EventJson;
import jakarta.ws.rs.core.Response;

/// Refusals as RFC 9457 has them.
final class Problems {

  private Problems() {}

  static Response problem(int status, String code, String title, String detail) {
    return Response.status(status)
        .type("application/problem+json")
        .entity(
            EventJson.write(
                JsonNodeFactory.instance
                    .objectNode()
                    .put("type", "urn:countersign:problem:" + code)
                    .put("title", title)
                    .put("status", status)
                    .put("detail", detail)))
        .build();
  }

  static Response notAnId(IllegalArgumentException e) {
    return problem(400, "action-id", "Not an actionId", e.getMessage() + "; correct the path");
  }

  static Response noEntries() {
    return problem(
        404,
        "unknown-action",
        "No entries",
        "The log holds nothing of this action. Check the id; an event published just now may take"
            + " a second.");
  }
}
