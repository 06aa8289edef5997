package dev.countersign.ticket.inbound;

import dev.countersign.events.ActionId;
import dev.countersign.ticket.application.CastVote;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.FindTickets;
import dev.countersign.ticket.application.FollowPages;
import dev.countersign.ticket.application.HoldSession;
import dev.countersign.ticket.application.PasskeyVotes;
import dev.countersign.ticket.application.SignBallot;
import dev.countersign.ticket.application.SignIn;
import dev.countersign.ticket.domain.Outcome;
import dev.countersign.ticket.domain.Refusal;
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
import org.jspecify.annotations.Nullable;

/// The approver's pages: plain HTML and forms. A GET changes no ticket.
@Path("/")
@Produces("text/html;charset=UTF-8")
public class TicketPages {

  private final Visitors visitors;
  private final FindTickets find;
  private final FollowPages follow;
  private final CastVote vote;
  private final HoldSession hold;
  private final SignBallot sign;
  private final Pages pages;
  private final Refusals refusals;
  private final TicketView view;
  private final TicketSheet sheet;
  private final Template inbox;
  private final Template cover;
  private final Template message;

  @Inject
  TicketPages(
      Visitors visitors,
      FindTickets find,
      FollowPages follow,
      CastVote vote,
      HoldSession hold,
      SignBallot sign,
      Pages pages,
      Refusals refusals,
      TicketView view,
      TicketSheet sheet,
      @Location("inbox.html") Template inbox,
      @Location("cover.html") Template cover,
      @Location("message.html") Template message) {
    this.visitors = visitors;
    this.find = find;
    this.follow = follow;
    this.vote = vote;
    this.hold = hold;
    this.sign = sign;
    this.pages = pages;
    this.refusals = refusals;
    this.view = view;
    this.sheet = sheet;
    this.inbox = inbox;
    this.cover = cover;
    this.message = message;
  }

  /// What waits for this person, the next deadline first.
  @GET
  @Operation(hidden = true)
  public Uni<Response> inbox(@Context HttpHeaders headers) {
    return visitors
        .find(headers)
        .chain(signed ->
            signed
                .map(this::inbox)
                .orElseGet(() ->
                    Uni.createFrom().item(Response.seeOther(URI.create("/sign-in")).build())));
  }

  private Uni<Response> inbox(SignIn.Signed signed) {
    // The mark first: what changes in between is shown twice rather than not at all.
    return follow
        .mark(new FollowPages.Followed.InboxOf(signed.approver()))
        .chain(mark ->
            find.questions(signed.approver())
                .chain(questions ->
                    pages.render(
                        Response.Status.OK,
                        signed,
                        inbox
                            .data("rows", rows(questions, signed.approver()))
                            .data("most", FindTickets.INBOX)
                            .data("mark", mark))));
  }

  private List<TicketView.Row> rows(List<FindTickets.Waiting> questions, String approver) {
    return questions.stream()
        .flatMap(each ->
            Optional.ofNullable(each.docket().question()).stream()
                .map(question -> view.row(each, question, approver)))
        .toList();
  }

  /// One ticket: all of it for a person who is signed in and has to do with it, the card alone for
  /// everybody else.
  @GET
  @Path("tickets/{id}")
  @Operation(hidden = true)
  public Uni<Response> ticket(@PathParam("id") String id, @Context HttpHeaders headers) {
    Optional<ActionId> actionId = actionId(id);
    if (actionId.isEmpty()) {
      return visitors.find(headers).chain(signed -> sheet.noSuchTicket(signed.orElse(null)));
    }
    return visitors
        .find(headers)
        .chain(signed ->
            signed.isPresent()
                ? (Visitors.isByItself(headers)
                        ? find.find(actionId.get())
                        : find.show(actionId.get(), signed.get().approver()))
                    .chain(it ->
                        sheet.page(Response.Status.OK, it, signed.get(), null, Filled.NOTHING))
                : find.find(actionId.get()).chain(it -> cover(Response.Status.OK, it, null)));
  }

  /// An answer.
  @POST
  @Path("tickets/{id}")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(hidden = true)
  public Uni<Response> answer(
      @PathParam("id") String id,
      @Context HttpHeaders headers,
      MultivaluedMap<String, String> form) {
    Optional<ActionId> actionId = actionId(id);
    if (actionId.isEmpty()) {
      return sheet.noSuchTicket(null);
    }
    if (visitors.isForeign(headers)) {
      Words words = pages.words(Words.class);
      return message(Response.Status.FORBIDDEN, null, words.foreignHeading(), words.foreign());
    }
    return visitors
        .find(headers)
        .chain(signed ->
            signed.isPresent()
                ? answer(actionId.get(), signed.get(), form)
                : find.find(actionId.get())
                    .chain(it ->
                        cover(
                            Response.Status.UNAUTHORIZED,
                            it,
                            pages.words(SignInWords.class).signedOut())));
  }

  private Uni<Response> answer(
      ActionId id, SignIn.Signed signed, MultivaluedMap<String, String> form) {
    if (!Visitors.isOwnForm(signed, form.getFirst("token"))) {
      Words words = pages.words(Words.class);
      return message(
          Response.Status.FORBIDDEN, signed, words.foreignHeading(), words.notYourForm());
    }
    Optional<CastVote.Ballot> ballot = BallotForm.ballot(signed, form);
    if (ballot.isEmpty()) {
      return message(
          Response.Status.BAD_REQUEST, signed, words().notAnAnswer(), words().incomplete());
    }
    return cast(id, signed, ballot.get(), form);
  }

  /// With what the page's script got from a passkey, a stronger vote than the session alone gives.
  private Uni<Response> cast(
      ActionId id,
      SignIn.Signed signed,
      CastVote.Ballot ballot,
      MultivaluedMap<String, String> form) {
    String ceremony = form.getFirst(BallotForm.CEREMONY);
    if (ceremony == null) {
      return answer(id, ballot, form).chain(outcome -> after(id, signed, ballot, outcome));
    }
    return sign.take(id, ballot, ceremony, form.getFirst(BallotForm.ASSERTION))
        .chain(verified ->
            switch (verified) {
              case PasskeyVotes.Verified.Proven proven ->
                  answer(id, ballot.provenBy(proven.proof()), form)
                      .chain(outcome -> after(id, signed, ballot, outcome));
              case PasskeyVotes.Verified.Refused refused ->
                  find.find(id)
                      .chain(it ->
                          sheet.page(
                              Response.Status.FORBIDDEN,
                              it,
                              signed,
                              refusals.sentence(refused.refusal()),
                              Filled.of(ballot)));
            });
  }

  private Uni<Optional<Outcome>> answer(
      ActionId id, CastVote.Ballot ballot, MultivaluedMap<String, String> form) {
    return BallotForm.isUnexpected(form) ? hold.because(id, ballot) : vote.cast(id, ballot);
  }

  private Uni<Response> after(
      ActionId id, SignIn.Signed signed, CastVote.Ballot ballot, Optional<Outcome> outcome) {
    if (outcome.isEmpty()) {
      return find.find(id)
          .chain(it -> sheet.page(Response.Status.CONFLICT, it, signed, null, Filled.of(ballot)));
    }
    return switch (outcome.get()) {
      case Outcome.Counted _, Outcome.Answered _, Outcome.Unchanged _ ->
          Uni.createFrom().item(Response.seeOther(URI.create("/tickets/" + id)).build());
      case Outcome.Refused refused ->
          find.find(id)
              .chain(it ->
                  sheet.page(
                      status(refused.refusal()),
                      it,
                      signed,
                      refusals.sentence(refused.refusal()),
                      Filled.of(ballot, refused.refusal())));
    };
  }

  private static Response.Status status(Refusal refusal) {
    return switch (refusal) {
      case ALREADY_DECIDED, STALE, HELD, TOO_SOON -> Response.Status.CONFLICT;
      case NOT_ELIGIBLE, OWN_REQUEST, TOO_WEAK, PASSKEY_REVOKED, NOT_TRUSTED ->
          Response.Status.FORBIDDEN;
      case NOT_CONFIRMED, TRUST_TOO_WIDE -> Response.Status.BAD_REQUEST;
    };
  }

  private DecideWords words() {
    return pages.words(DecideWords.class);
  }

  private Uni<Response> cover(
      Response.Status status, Optional<Docket> docket, @Nullable String notice) {
    return docket.isEmpty()
        ? sheet.noSuchTicket(null)
        : pages.render(
            status, null, cover.data("cover", view.cover(docket.get()), "notice", notice));
  }

  private Uni<Response> message(
      Response.Status status, SignIn.@Nullable Signed signed, String heading, String sentence) {
    return pages.render(status, signed, message.data("heading", heading, "sentence", sentence));
  }

  static Optional<ActionId> actionId(String id) {
    try {
      return Optional.of(ActionId.of(id));
    } catch (IllegalArgumentException e) {
      // Any other path is no ticket either.
      return Optional.empty();
    }
  }
}
