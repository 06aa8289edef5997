package dev.countersign.gateway.inbound;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.domain.Caller;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Duration;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/// Problem details (RFC 9457): `type` is stable, `detail` says what to do next.
@Schema(description = "Problem details (RFC 9457).")
record Problem(
    @Schema(description = "urn:countersign:problem:<code>", implementation = String.class) URI type,
    String title,
    int status,
    @Schema(description = "What is wrong and what to do next.") String detail,
    @Schema(description = "The id in question.", implementation = String.class)
        @Nullable ActionId actionId,
    @Schema(description = "How that action stands.") @Nullable ActionState action) {

  static final String MEDIA_TYPE = "application/problem+json";

  static Problem of(int status, String code, String title, String detail) {
    return new Problem(
        URI.create("urn:countersign:problem:" + code), title, status, detail, null, null);
  }

  static Problem noSuchAction(ActionId actionId) {
    return of(
            404,
            "no-such-action",
            "No such action",
            "Nothing is known of this action; check the id, or propose it with POST /v1/actions.")
        .about(actionId);
  }

  static Problem noRoom(ActionId actionId) {
    return of(
            503,
            "no-room",
            "As many wait as may",
            "No further stream can be kept open now; ask with GET how the action stands, or come"
                + " again in a moment.")
        .about(actionId);
  }

  /// What the caller asked for is not theirs to ask for.
  static Problem forbidden(Caller.Objection objection) {
    return of(403, objection.code(), "Not yours", objection.sentence() + ".");
  }

  static Problem tooFast(Duration retryAfter) {
    return of(
        429,
        "too-fast",
        "Too many requests",
        "More requests came than this caller may send; go on in "
            + seconds(retryAfter)
            + " s, and wait for answers with `wait` or events instead of asking often.");
  }

  /// Whole seconds, rounded up.
  static long seconds(Duration duration) {
    return duration.plusMillis(999).toSeconds();
  }

  static Problem tooLarge(String what, int most) {
    return of(
        413,
        "too-large",
        "Too large",
        what
            + " has at most "
            + most
            + " bytes; put what is large somewhere else and propose its digest.");
  }

  Problem about(ActionId id) {
    return new Problem(type, title, status, detail, id, action);
  }

  Problem with(ActionState state) {
    return new Problem(type, title, status, detail, state.actionId(), state);
  }

  @JsonIgnore
  byte[] json() {
    return EventJson.write(this);
  }

  Response response() {
    Response.ResponseBuilder response = Response.status(status).type(MEDIA_TYPE).entity(json());
    return (status == 503 ? response.header("Retry-After", 1) : response).build();
  }

  /// Carries a problem out of a stream, which has no response to return.
  static final class Thrown extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Problem problem;

    Thrown(Problem problem) {
      super(problem.detail());
      this.problem = problem;
    }

    Problem problem() {
      return problem;
    }
  }
}
