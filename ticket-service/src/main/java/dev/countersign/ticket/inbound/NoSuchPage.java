package dev.countersign.ticket.inbound;

import dev.countersign.ticket.application.SignIn;
import io.quarkus.qute.Location;
import io.quarkus.qute.Template;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/// Answers where there is nothing.
@ApplicationScoped
class NoSuchPage {

  private final Visitors visitors;
  private final Pages pages;
  private final Template message;

  @Inject
  NoSuchPage(Visitors visitors, Pages pages, @Location("message.html") Template message) {
    this.visitors = visitors;
    this.pages = pages;
    this.message = message;
  }

  @ServerExceptionMapper
  Uni<Response> answer(NotFoundException failure, HttpHeaders headers, UriInfo uri) {
    if (uri.getPath().startsWith("/v1/")) {
      return Uni.createFrom()
          .item(
              Problem.of(
                  Response.Status.NOT_FOUND,
                  "not-found",
                  "Nothing here",
                  "There is nothing at this address; see the OpenAPI document."));
    }
    return visitors.find(headers).chain(this::page);
  }

  private Uni<Response> page(Optional<SignIn.Signed> signed) {
    Words words = pages.words(Words.class);
    return pages
        .render(
            Response.Status.NOT_FOUND,
            signed.orElse(null),
            message.data("heading", words.noSuchPage(), "sentence", words.noSuchPageSentence()))
        .map(it -> Response.fromResponse(it).type("text/html;charset=UTF-8").build());
  }
}
