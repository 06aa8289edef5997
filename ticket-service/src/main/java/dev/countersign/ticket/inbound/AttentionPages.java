package dev.countersign.ticket.inbound;

import dev.countersign.ticket.application.FollowPages;
import dev.countersign.ticket.application.LiftHold;
import dev.countersign.ticket.application.ReadAttention;
import dev.countersign.ticket.application.ReconcileExecution;
import dev.countersign.ticket.application.SignIn;
import io.quarkus.qute.Location;
import io.quarkus.qute.Template;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
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
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;

/// How much is asked of people, what is held back from them until somebody lifts it, and the
/// outcomes that somebody must look into.
@Path("/attention")
@Produces("text/html;charset=UTF-8")
public class AttentionPages {

  private static final URI HERE = URI.create("/attention");

  private final Visitors visitors;
  private final ReadAttention read;
  private final LiftHold lift;
  private final ReconcileExecution reconcile;
  private final FollowPages follow;
  private final Pages pages;
  private final AttentionView view;
  private final ReconcileView unknown;
  private final Template attention;
  private final Template message;

  @Inject
  AttentionPages(
      Visitors visitors,
      ReadAttention read,
      LiftHold lift,
      ReconcileExecution reconcile,
      FollowPages follow,
      Pages pages,
      AttentionView view,
      ReconcileView unknown,
      @Location("attention.html") Template attention,
      @Location("message.html") Template message) {
    this.visitors = visitors;
    this.read = read;
    this.lift = lift;
    this.reconcile = reconcile;
    this.follow = follow;
    this.pages = pages;
    this.view = view;
    this.unknown = unknown;
    this.attention = attention;
    this.message = message;
  }

  @GET
  @Operation(hidden = true)
  public Uni<Response> page(@Context HttpHeaders headers) {
    return visitors
        .find(headers)
        .chain(signed -> signed.map(this::page).orElseGet(AttentionPages::signIn));
  }

  private static Uni<Response> signIn() {
    return Uni.createFrom().item(Response.seeOther(URI.create("/sign-in")).build());
  }

  private Uni<Response> page(SignIn.Signed signed) {
    // The mark first: what changes in between is shown twice rather than not at all.
    return follow
        .mark(new FollowPages.Followed.AttentionOf(signed.approver()))
        .chain(mark ->
            read.of(signed.approver())
                .chain(seen ->
                    lift.find(signed.approver())
                        .chain(held ->
                            reconcile
                                .open(signed.approver())
                                .chain(open -> page(signed, mark, seen, held, open)))));
  }

  private Uni<Response> page(
      SignIn.Signed signed,
      String mark,
      ReadAttention.Seen seen,
      List<LiftHold.Held> held,
      List<ReconcileExecution.Open> open) {
    Optional<ReadAttention.Overview> all = seen.all();
    return pages.render(
        Response.Status.OK,
        signed,
        attention
            .data("mark", mark)
            .data("mine", view.mine(seen.mine()))
            .data("unknown", unknown.open(open, signed.approver()))
            .data("held", view.held(held, signed.approver()))
            .data("all", all.isPresent())
            .data("people", all.map(view::people).orElse(List.of()))
            .data("agents", all.map(it -> view.agents(it, signed.approver())).orElse(List.of()))
            .data("rules", all.map(view::rules).orElse(List.of()))
            .data("moreRules", all.map(it -> it.rules().more()).orElse(0)));
  }

  /// Lifts a hold.
  @POST
  @Path("holds/{id}")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(hidden = true)
  public Uni<Response> lift(
      @PathParam("id") long id, @Context HttpHeaders headers, MultivaluedMap<String, String> form) {
    return visitors
        .find(headers)
        .chain(signed -> {
          if (signed.isEmpty()) {
            return signIn();
          }
          if (visitors.isForeign(headers)
              || !Visitors.isOwnForm(signed.get(), form.getFirst("token"))) {
            Words words = pages.words(Words.class);
            return no(signed.get(), words.foreignHeading(), words.notYourForm());
          }
          return lift.lift(id, signed.get().approver(), signed.get().began())
              .chain(it -> after(signed.get(), it));
        });
  }

  private Uni<Response> after(SignIn.Signed signed, LiftHold.Lifted lifted) {
    AttentionWords words = pages.words(AttentionWords.class);
    return switch (lifted) {
      case LIFTED, NOT_HELD -> Uni.createFrom().item(Response.seeOther(HERE).build());
      case NOT_YOURS -> no(signed, words.notYoursHeading(), words.notYours());
      case TOO_WEAK -> no(signed, words.tooWeakHeading(), words.tooWeak());
    };
  }

  private Uni<Response> no(SignIn.Signed signed, String heading, String sentence) {
    return pages.render(
        Response.Status.FORBIDDEN, signed, message.data("heading", heading, "sentence", sentence));
  }
}
