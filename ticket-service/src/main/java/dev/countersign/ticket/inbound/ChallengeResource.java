package dev.countersign.ticket.inbound;

import dev.countersign.events.ActionId;
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
  private final Refusals refusals;

  @Inject
  ChallengeResource(Visitors visitors, SignBallot sign, Refusals refusals) {
    this.visitors = visitors;
    this.sign = sign;
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
                : Uni.createFrom().item(refusals.notFromThisPage()));
  }

  private Uni<Response> challenge(
      String id, SignIn.Signed signed, MultivaluedMap<String, String> form) {
    Optional<CastVote.Ballot> ballot = BallotForm.ballot(signed, form);
    Optional<ActionId> actionId = TicketPages.actionId(id);
    if (ballot.isEmpty() || actionId.isEmpty()) {
      return Uni.createFrom().item(refusals.notAnAnswer());
    }
    Uni<SignBallot.Asking> asking =
        BallotForm.isUnexpected(form)
            ? sign.askToHold(actionId.get(), ballot.get())
            : sign.ask(actionId.get(), ballot.get());
    return asking.map(refusals::response);
  }
}
