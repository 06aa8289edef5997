package dev.countersign.ticket.inbound;

import dev.countersign.events.ActionId;
import dev.countersign.messaging.Failures;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.FindTickets;
import dev.countersign.ticket.application.FollowPages;
import dev.countersign.ticket.application.FollowPages.Followed;
import dev.countersign.ticket.application.ReconcileExecution;
import dev.countersign.ticket.application.Watch;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/// What open pages ask: has what I show changed, and what time is it? Asking keeps no session
/// alive.
@Path("/changes")
@Produces(MediaType.APPLICATION_JSON)
public class ChangesResource {

  private static final int LONGEST_WAIT = 25;

  private final Visitors visitors;
  private final FindTickets find;
  private final FollowPages follow;
  private final ReconcileExecution reconcile;

  @Inject
  ChangesResource(
      Visitors visitors, FindTickets find, FollowPages follow, ReconcileExecution reconcile) {
    this.visitors = visitors;
    this.find = find;
    this.follow = follow;
    this.reconcile = reconcile;
  }

  /// @param mark what the page shows; another one says that it has changed
  /// @param now the database's clock, in milliseconds since 1970
  record Sight(String mark, long now) {}

  /// How a page stands that the reader has open, their inbox where none is named: at once when it
  /// is no longer what `mark` says, else after `wait` seconds, 25 at most.
  @GET
  @Operation(hidden = true)
  public Uni<Response> changes(
      @QueryParam("ticket") @Nullable String ticket,
      @QueryParam("set") @Nullable String set,
      @QueryParam("also") @Nullable String also,
      @QueryParam("page") @DefaultValue("") String page,
      @QueryParam("mark") @DefaultValue("") String mark,
      @QueryParam("wait") @DefaultValue("0") int wait,
      @Context HttpHeaders headers) {
    Duration most = Duration.ofSeconds(Math.clamp(wait, 0, LONGEST_WAIT));
    return visitors
        .peek(headers)
        .chain(signed -> {
          if (signed.isEmpty()) {
            return Uni.createFrom().item(signedOut());
          }
          String approver = signed.get().approver();
          if (ticket != null) {
            return ofTicket(ticket, Followed.OneTicket::new, approver, mark, most);
          }
          return set == null
              ? sight(ofReader(page, approver), mark, most)
              : ofTicket(
                  set,
                  id -> new Followed.OneSet(new Watch.SetOf(id, SetView.also(also))),
                  approver,
                  mark,
                  most);
        });
  }

  private static Followed ofReader(String page, String approver) {
    return switch (page) {
      case "trust" -> new Followed.TrustOf(approver);
      case "attention" -> new Followed.AttentionOf(approver);
      case "people" -> new Followed.PasskeysOf(approver);
      default -> new Followed.InboxOf(approver);
    };
  }

  private Uni<Response> ofTicket(
      String ticket,
      Function<ActionId, Followed> followed,
      String approver,
      String mark,
      Duration most) {
    try {
      ActionId id = ActionId.of(ticket);
      return find.find(id)
          .chain(docket ->
              docket
                  .map(it -> mayFollow(it, approver))
                  .orElseGet(() -> Uni.createFrom().item(false)))
          .chain(may ->
              may ? sight(followed.apply(id), mark, most) : Uni.createFrom().item(notTheirs()))
          .onFailure(Failures::isAway)
          .recoverWithItem(ChangesResource::away);
    } catch (IllegalArgumentException e) {
      return Uni.createFrom()
          .item(
              Problem.of(
                  Response.Status.BAD_REQUEST,
                  "malformed",
                  "Not a ticket id",
                  e.getMessage() + "; send the id of the action"));
    }
  }

  private Uni<Boolean> mayFollow(Docket docket, String approver) {
    return find.mayRead(docket, approver)
        ? Uni.createFrom().item(true)
        : reconcile.concerns(docket, approver);
  }

  private Uni<Response> sight(Followed followed, String mark, Duration most) {
    return follow
        .await(followed, mark, most)
        .map(it -> Response.ok(new Sight(it.mark(), it.now().toEpochMilli())).build())
        .onFailure(Failures::isAway)
        .recoverWithItem(ChangesResource::away);
  }

  private static Response away() {
    return Problem.of(
        Response.Status.SERVICE_UNAVAILABLE,
        "unavailable",
        "Not now",
        "The tickets cannot be read at the moment; ask again in a few seconds.");
  }

  /// Even that something changed is for those who may read it.
  private static Response notTheirs() {
    return Problem.of(
        Response.Status.NOT_FOUND,
        "not-found",
        "No such ticket",
        "There is no ticket under this id that you may read; look at your inbox.");
  }

  private static Response signedOut() {
    return Problem.of(
        Response.Status.UNAUTHORIZED,
        "not-signed-in",
        "Not signed in",
        "The session has ended; sign in at /sign-in again.");
  }
}
