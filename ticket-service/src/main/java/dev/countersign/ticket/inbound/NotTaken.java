package dev.countersign.ticket.inbound;

import dev.countersign.messaging.Unavailable;
import dev.countersign.ticket.application.SignIn;
import io.quarkus.qute.Location;
import io.quarkus.qute.Template;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/// Answers where something that a vote needs is away, the signing keys above all: what was asked
/// for did not happen, and may be asked for again.
@ApplicationScoped
class NotTaken {

  private static final Logger LOG = Logger.getLogger(NotTaken.class);

  private final Visitors visitors;
  private final Pages pages;
  private final Template page;

  @Inject
  NotTaken(Visitors visitors, Pages pages, @Location("not-taken.html") Template page) {
    this.visitors = visitors;
    this.pages = pages;
    this.page = page;
  }

  @ServerExceptionMapper
  Uni<Response> answer(Unavailable failure, HttpHeaders headers, UriInfo uri) {
    // One that came of nothing else says all in its message; a batch of votes has many of them.
    LOG.warnf(failure.getCause(), "Request was not taken cause=%s", failure.getMessage());
    if (uri.getPath().startsWith("/v1/")) {
      return Uni.createFrom()
          .item(
              Problem.of(
                  Response.Status.SERVICE_UNAVAILABLE,
                  "unavailable",
                  "Not taken",
                  "It could not be taken just now, so nothing was changed; try again in a"
                      + " minute."));
    }
    return visitors.find(headers).chain(this::page);
  }

  private Uni<Response> page(Optional<SignIn.Signed> signed) {
    return pages.render(Response.Status.SERVICE_UNAVAILABLE, signed.orElse(null), page.instance());
  }
}
