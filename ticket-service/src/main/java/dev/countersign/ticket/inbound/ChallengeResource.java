package dev.countersign.ticket.inbound;

import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.ticket.application.CastVote;
import dev.countersign.ticket.application.SignBallot;
import dev.countersign.ticket.application.SignIn;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;

/// What a passkey is to sign for an answer. The ticket's own page asks for it, with the form that
/// it is about to send.
@Path("/tickets/{id}/challenge")
@Produces(MediaType.APPLICATION_JSON)
public class ChallengeResource {

  private final Visitors visitors;
  private final SignBallot sign;
  private final Pages pages;
  private final Refusals refusals;

  @Inject
  ChallengeResource(Visitors visitors, SignBallot sign, Pages pages, Refusals refusals) {
    this.visitors = visitors;
    this.sign = sign;
    this.pages = pages;
    this.refusals = refusals;
  }

  @POST
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(hidden = true)
  public Uni<Response> challenge(
      @PathParam("id") String id,
      @Context HttpHeaders headers,
      MultivaluedMap<String, String> form) {
    return visitors
        .find(headers)
        .chain(signed ->
            signed.isPresent()
                    && !visitors.isForeign(headers)
                    && Visitors.isOwnForm(signed.get(), form.getFirst("token"))
                ? challenge(id, signed.get(), form)
                : Uni.createFrom()
                    .item(
                        Problem.of(
                            Response.Status.FORBIDDEN,
                            "not-from-this-page",
                            "Not from this page",
                            pages.words(Words.class).notYourForm())));
  }

  private Uni<Response> challenge(
      String id, SignIn.Signed signed, MultivaluedMap<String, String> form) {
    Optional<CastVote.Ballot> ballot = BallotForm.ballot(signed, form);
    Optional<ActionId> actionId = TicketPages.actionId(id);
    if (ballot.isEmpty() || actionId.isEmpty()) {
      return Uni.createFrom()
          .item(
              Problem.of(
                  Response.Status.BAD_REQUEST,
                  "not-an-answer",
                  "Not an answer",
                  pages.words(DecideWords.class).incomplete()));
    }
    return sign.ask(actionId.get(), ballot.get()).map(this::response);
  }

  private Response response(SignBallot.Asking asking) {
    return switch (asking) {
      case SignBallot.Asking.Asked it -> Response.ok(EventJson.tree(it.asked())).build();
      case SignBallot.Asking.Refused it ->
          Problem.of(
              Response.Status.FORBIDDEN,
              it.refusal().code(),
              "Nothing to sign with",
              refusals.sentence(it.refusal()));
      case SignBallot.Asking.Vain it ->
          Problem.of(
              Response.Status.CONFLICT,
              it.refusal().code(),
              "Nothing to sign",
              refusals.sentence(it.refusal()));
    };
  }
}
