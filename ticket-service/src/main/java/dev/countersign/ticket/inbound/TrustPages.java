package dev.countersign.ticket.inbound;

import dev.countersign.events.ActionId;
import dev.countersign.ticket.application.FollowPages;
import dev.countersign.ticket.application.RevokeTrust;
import dev.countersign.ticket.application.SignIn;
import io.quarkus.qute.Location;
import io.quarkus.qute.Template;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/// The standing permissions that a person may end, and the button that ends them.
@Path("/trust")
@Produces("text/html;charset=UTF-8")
public class TrustPages {

  private final Visitors visitors;
  private final RevokeTrust trusts;
  private final TrustView view;
  private final FollowPages follow;
  private final Pages pages;
  private final Template trust;

  @Inject
  TrustPages(
      Visitors visitors,
      RevokeTrust trusts,
      TrustView view,
      FollowPages follow,
      Pages pages,
      @Location("trust.html") Template trust) {
    this.visitors = visitors;
    this.trusts = trusts;
    this.view = view;
    this.follow = follow;
    this.pages = pages;
    this.trust = trust;
  }

  @GET
  @Operation(hidden = true)
  public Uni<Response> list(@Context HttpHeaders headers) {
    return forSignedIn(headers, signed -> page(Response.Status.OK, signed, null));
  }

  /// Ends one.
  @POST
  @Path("{id: [0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}}/revoke")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(hidden = true)
  public Uni<Response> revoke(
      @PathParam("id") String id,
      @FormParam("token") @Nullable String token,
      @Context HttpHeaders headers) {
    return forSignedIn(
        headers,
        signed -> {
          TrustWords words = pages.words(TrustWords.class);
          Words common = pages.words(Words.class);
          if (visitors.isForeign(headers)) {
            return page(Response.Status.FORBIDDEN, signed, common.foreign());
          }
          if (!Visitors.isOwnForm(signed, token)) {
            return page(Response.Status.FORBIDDEN, signed, common.notYourForm());
          }
          return trusts
              .revoke(ActionId.of(id), signed.approver())
              .chain(revocation ->
                  switch (revocation) {
                    case REVOKED -> page(Response.Status.OK, signed, words.revoked());
                    case UNCHANGED -> page(Response.Status.OK, signed, words.unchanged());
                    case NOT_THEIRS -> page(Response.Status.FORBIDDEN, signed, words.notTheirs());
                    case NOT_FOUND -> page(Response.Status.NOT_FOUND, signed, words.notFound());
                  });
        });
  }

  private Uni<Response> page(
      Response.Status status, SignIn.Signed signed, @Nullable String notice) {
    // The mark first: what changes in between is shown twice rather than not at all.
    return follow
        .mark(new FollowPages.Followed.TrustOf(signed.approver()))
        .chain(mark ->
            trusts
                .shownTo(signed.approver())
                .chain(page ->
                    pages.render(
                        status,
                        signed,
                        trust
                            .data("rows", rows(page, signed.approver()))
                            .data("mark", mark)
                            .data("notice", notice))));
  }

  private List<TrustView.Row> rows(RevokeTrust.Page page, String approver) {
    return page.trusts().stream()
        .map(each -> view.row(each, page.now(), pages.moments(approver)))
        .toList();
  }

  private Uni<Response> forSignedIn(
      HttpHeaders headers, Function<SignIn.Signed, Uni<Response>> work) {
    return visitors
        .find(headers)
        .chain((Optional<SignIn.Signed> signed) ->
            signed
                .map(work)
                .orElseGet(() ->
                    Uni.createFrom()
                        .item(Response.seeOther(URI.create("/sign-in?then=/trust")).build())));
  }
}
