package dev.countersign.policy.inbound;

import dev.countersign.events.EventJson;
import dev.countersign.policy.application.PolicyInForce;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.Map;

/// What this service answers where it can't do what was asked (RFC 9457).
final class Problems {

  static final String MEDIA_TYPE = "application/problem+json";

  private Problems() {}

  static Response of(int status, String code, String title, String detail) {
    return Response.status(status)
        .type(MEDIA_TYPE)
        .entity(json(status, code, title, detail))
        .build();
  }

  static byte[] json(int status, String code, String title, String detail) {
    Map<String, Object> problem = new LinkedHashMap<>();
    problem.put("type", "urn:countersign:problem:" + code);
    problem.put("title", title);
    problem.put("status", status);
    problem.put("detail", detail);
    return EventJson.write(problem);
  }

  static Response noPolicy(PolicyInForce policy) {
    return of(
        503,
        "no-policy",
        "No policy is in force",
        policy.problem().orElse("The operator's files have not been read yet; try again."));
  }
}
