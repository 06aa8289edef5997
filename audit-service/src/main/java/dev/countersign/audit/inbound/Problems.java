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
}
