package dev.countersign.ticket.inbound;

import dev.countersign.events.EventJson;
import dev.countersign.ticket.application.SignInByPasskey;
import io.quarkus.qute.Location;
import io.quarkus.qute.Template;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/// Signing in by a passkey.
@Path("/sign-in/passkey")
@Consumes(MediaType.APPLICATION_FORM_URLENCODED)
@Produces("text/html;charset=UTF-8")
public class PasskeySignInPages {

  private final SignInByPasskey signIn;
  private final Visitors visitors;
  private final Pages pages;
  private final Refusals refusals;
  private final Template signInPage;

  @Inject
  PasskeySignInPages(
      SignInByPasskey signIn,
      Visitors visitors,
      Pages pages,
      Refusals refusals,
      @Location("sign-in.html") Template signInPage) {
    this.signIn = signIn;
    this.visitors = visitors;
    this.pages = pages;
    this.refusals = refusals;
    this.signInPage = signInPage;
  }

  /// What the passkey is to sign.
  @POST
  @Path("challenge")
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(hidden = true)
  public Uni<Response> challenge(@Context HttpHeaders headers, @Context HttpServerRequest request) {
    if (visitors.isForeign(headers)) {
      return Uni.createFrom()
          .item(problem(Response.Status.FORBIDDEN, "foreign", pages.words(Words.class).foreign()));
    }
    return signIn
        .begin(request.remoteAddress().hostAddress())
        .map(begun ->
            switch (begun) {
              case SignInByPasskey.Begun.Asked it -> Response.ok(EventJson.tree(it)).build();
              case SignInByPasskey.Begun.TooMany _ ->
                  problem(
                      Response.Status.TOO_MANY_REQUESTS,
                      "too-many",
                      pages.words(PasskeyWords.class).tooMany());
            });
  }

  private static Response problem(Response.Status status, String code, String sentence) {
    return Problem.of(status, code, status.getReasonPhrase(), sentence);
  }

  /// Signs in with what the passkey gave.
  @POST
  @Operation(hidden = true)
  public Uni<Response> enter(
      @FormParam(BallotForm.CEREMONY) @Nullable String ceremony,
      @FormParam(BallotForm.ASSERTION) @Nullable String assertion,
      @FormParam("then") @Nullable String then,
      @Context HttpHeaders headers) {
    if (visitors.isForeign(headers)) {
      return page(Response.Status.FORBIDDEN, then, pages.words(Words.class).foreign());
    }
    if (ceremony == null) {
      return page(Response.Status.BAD_REQUEST, then, pages.words(PasskeyWords.class).needsScript());
    }
    return signIn
        .enter(ceremony, assertion)
        .chain(entering ->
            switch (entering) {
              case SignInByPasskey.Entering.Entered it ->
                  Uni.createFrom()
                      .item(
                          Response.seeOther(URI.create(Visitors.ownPath(then)))
                              .cookie(visitors.session(it.session()))
                              .build());
              case SignInByPasskey.Entering.Refused it ->
                  page(Response.Status.UNAUTHORIZED, then, refusals.sentence(it.refusal()));
            });
  }

  private Uni<Response> page(Response.Status status, @Nullable String then, String notice) {
    return pages.render(
        status, null, signInPage.data("then", Visitors.ownPath(then), "notice", notice));
  }
}
