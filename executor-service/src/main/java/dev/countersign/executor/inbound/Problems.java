package dev.countersign.executor.inbound;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.messaging.LargeBodies;
import jakarta.ws.rs.core.Response;

/// Problem details (RFC 9457): `type` is stable, `detail` says what to do next.
final class Problems {

  static final String MEDIA_TYPE = "application/problem+json";
  private static final String TOO_LARGE = "Too large";

  private Problems() {}

  static Response of(int status, String code, String title, String detail) {
    return of(status, code, title, detail, JsonNodeFactory.instance.objectNode());
  }

  static Response tooLarge(Bounds.OutOfBounds bound) {
    return of(413, bound.code(), TOO_LARGE, bound.sentence());
  }

  /// The same, of what is refused unread.
  static LargeBodies.Most most(EventJson.Bounded body) {
    Bounds.OutOfBounds bound = body.tooLarge();
    return new LargeBodies.Most(
        body.most(), EventJson.write(problem(413, bound.code(), TOO_LARGE, bound.sentence())));
  }

  /// What it takes to tell can't be had for the moment.
  static Response away() {
    return of(
        503,
        "unavailable",
        "Not now",
        "Keys, database or Kafka can't be reached for the moment, or the service has just been started"
            + " and still reads what is frozen. Ask again. If a grant is used up then, it"
            + " may have been by you: do not run the call.");
  }

  /// @param more members beyond those of every problem
  static Response of(int status, String code, String title, String detail, ObjectNode more) {
    ObjectNode problem = problem(status, code, title, detail);
    problem.setAll(more);
    Response.ResponseBuilder response = Response.status(status).entity(problem).type(MEDIA_TYPE);
    return (status == 503 ? response.header("Retry-After", 1) : response).build();
  }

  private static ObjectNode problem(int status, String code, String title, String detail) {
    ObjectNode problem = JsonNodeFactory.instance.objectNode();
    problem.put("type", "urn:countersign:problem:" + code);
    problem.put("title", title);
    problem.put("status", status);
    problem.put("detail", detail);
    return problem;
  }
}
