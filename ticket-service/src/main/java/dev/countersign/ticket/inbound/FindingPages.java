package dev.countersign.ticket.inbound;

import dev.countersign.events.ActionId;
import dev.countersign.events.Oversight;
import dev.countersign.ticket.application.FindTickets;
import dev.countersign.ticket.application.ReconcileExecution;
import dev.countersign.ticket.application.ReconcileExecution.Reconciled;
import dev.countersign.ticket.application.SignIn;
import io.quarkus.qute.Location;
import io.quarkus.qute.Template;
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
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;

/// Takes what somebody found where nobody knew how an action had ended: a plain form of its page.
@Path("/tickets/{id}/findings")
@Produces("text/html;charset=UTF-8")
public class FindingPages {

  private final Visitors visitors;
  private final ReconcileExecution reconcile;
  private final FindTickets find;
  private final TicketSheet sheet;
  private final Pages pages;
  private final Template message;

  @Inject
  FindingPages(
      Visitors visitors,
      ReconcileExecution reconcile,
      FindTickets find,
      TicketSheet sheet,
      Pages pages,
      @Location("message.html") Template message) {
    this.visitors = visitors;
    this.reconcile = reconcile;
    this.find = find;
    this.sheet = sheet;
    this.pages = pages;
    this.message = message;
  }

  @POST
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(hidden = true)
  public Uni<Response> found(
      @PathParam("id") String id,
      @Context HttpHeaders headers,
      MultivaluedMap<String, String> form) {
    return visitors
        .find(headers)
        .chain(signed ->
            signed.isPresent()
                ? found(id, signed.get(), headers, form)
                : Uni.createFrom().item(toSignIn(id)));
  }

  private static Response toSignIn(String id) {
    String then = URLEncoder.encode("/tickets/" + id, StandardCharsets.UTF_8);
    return Response.seeOther(URI.create("/sign-in?then=" + then)).build();
  }

  private Uni<Response> found(
      String id, SignIn.Signed signed, HttpHeaders headers, MultivaluedMap<String, String> form) {
    if (visitors.isForeign(headers) || !Visitors.isOwnForm(signed, form.getFirst("token"))) {
      Words words = pages.words(Words.class);
      return no(Response.Status.FORBIDDEN, signed, words.foreignHeading(), words.notYourForm());
    }
    Optional<ActionId> actionId = TicketPages.actionId(id);
    if (actionId.isEmpty()) {
      return sheet.noSuchTicket(signed);
    }
    Filled filled =
        Filled.of(
            new Filled.Saw(form.getFirst("finding"), BallotForm.reason(form.getFirst("words"))));
    Optional<ReconcileExecution.Saying> saying = saying(form);
    return saying.isEmpty()
        ? again(Response.Status.BAD_REQUEST, actionId.get(), signed, words().incomplete(), filled)
        : reconcile
            .reconcile(actionId.get(), signed.approver(), signed.began(), saying.get())
            .chain(it -> after(actionId.get(), signed, it, filled));
  }

  /// What they wrote stays, beside what there is to read now.
  private Uni<Response> again(
      Response.Status status, ActionId id, SignIn.Signed signed, String notice, Filled filled) {
    return find.find(id).chain(docket -> sheet.page(status, docket, signed, notice, filled));
  }

  private static Optional<ReconcileExecution.Saying> saying(MultivaluedMap<String, String> form) {
    String words = BallotForm.reason(form.getFirst("words"));
    String after = form.getFirst("after");
    return words == null || after == null || !after.matches("[0-9]{1,6}")
        ? Optional.empty()
        : Oversight.Finding.of(form.getFirst("finding"))
            .map(it -> new ReconcileExecution.Saying(it, words, Integer.parseInt(after)));
  }

  private Uni<Response> after(
      ActionId id, SignIn.Signed signed, Reconciled reconciled, Filled filled) {
    String instead = ReconcileView.instead(reconciled, words());
    if (instead == null) {
      return Uni.createFrom().item(Response.seeOther(URI.create("/tickets/" + id)).build());
    }
    return reconciled == Reconciled.STALE
        ? again(status(reconciled), id, signed, instead, filled)
        : no(status(reconciled), signed, words().notTaken(), instead);
  }

  private static Response.Status status(Reconciled reconciled) {
    return switch (reconciled) {
      case TAKEN -> Response.Status.SEE_OTHER;
      case NOT_UNKNOWN, STALE -> Response.Status.CONFLICT;
      case NOT_YOURS, OWN_REQUEST, TOO_WEAK, NEEDS_PASSKEY -> Response.Status.FORBIDDEN;
    };
  }

  private Uni<Response> no(
      Response.Status status, SignIn.Signed signed, String heading, String sentence) {
    return pages.render(status, signed, message.data("heading", heading, "sentence", sentence));
  }

  private ReconcileWords words() {
    return pages.words(ReconcileWords.class);
  }
}
