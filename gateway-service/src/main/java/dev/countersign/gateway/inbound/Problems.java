package dev.countersign.gateway.inbound;

import dev.countersign.events.Bounds;
import dev.countersign.messaging.LargeBodies;
import dev.countersign.messaging.Unavailable;
import io.quarkus.vertx.http.runtime.filters.Filters;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/// Makes a problem of whatever goes wrong, so that no client ever gets a page or a stack trace.
class Problems {

  private static final Logger LOG = Logger.getLogger(Problems.class);
  private static final LargeBodies.Most PROPOSAL = most("A proposal", Bounds.MAX_BYTES);
  private static final LargeBodies.Most BATCH = most("A batch", BatchBody.MAX_BYTES);

  @ServerExceptionMapper
  Response problem(Throwable failure) {
    return switch (failure) {
      case Problem.Thrown it -> it.problem().response();
      case Unavailable it -> unavailable(it).response();
      case WebApplicationException it -> http(it).response();
      case IOException it -> unreadable(it).response();
      default -> internal(failure).response();
    };
  }

  static Problem unavailable(Unavailable failure) {
    LOG.warnf("Request could not be served now cause=%s", failure.getCause());
    return Problem.of(
        503,
        "unavailable",
        "Not available now",
        "The gateway cannot reach its database. Send the same request again, a proposal under the"
            + " same actionId: it counts once.");
  }

  // The client broke off, or sent without end: Quarkus has then said 413 already and closed.
  private static Problem unreadable(IOException failure) {
    LOG.warnf("Request could not be read cause=%s", failure.getMessage());
    return Problem.of(400, "unreadable", "Not readable", "The request broke off; send it again.");
  }

  private static Problem http(WebApplicationException failure) {
    int status = failure.getResponse().getStatus();
    return switch (status) {
      case 404 ->
          Problem.of(
              404, "no-such-resource", "No such resource", "See /openapi for what there is.");
      case 405 ->
          Problem.of(405, "method", "Method not allowed", "See /openapi for what this path takes.");
      case 406 ->
          Problem.of(
              406,
              "accept",
              "Not acceptable",
              "Accept application/json, or" + " text/event-stream for events.");
      case 413 -> Problem.tooLarge("A proposal", Bounds.MAX_BYTES);
      case 415 ->
          Problem.of(415, "media-type", "Unsupported media type", "Send it as application/json.");
      default ->
          Problem.of(status, "http-" + status, "Request failed", "See /openapi for what there is.");
    };
  }

  private static Problem internal(Throwable failure) {
    LOG.error("Request failed unexpectedly", failure);
    return Problem.of(
        500,
        "internal",
        "Internal error",
        "This is a fault of the gateway; its log says more. Sending the same request again under"
            + " the same actionId is safe.");
  }

  /// Says no to a large body by its announced length, before a byte of it is read.
  void refuseLargeBodies(@Observes Filters filters) {
    LargeBodies.refuse(filters, Problems::most);
  }

  private static LargeBodies.Most most(String path) {
    return path.equals("/v1/actions/batch") ? BATCH : PROPOSAL;
  }

  private static LargeBodies.Most most(String what, int bytes) {
    return new LargeBodies.Most(bytes, Problem.tooLarge(what, bytes).json());
  }
}
