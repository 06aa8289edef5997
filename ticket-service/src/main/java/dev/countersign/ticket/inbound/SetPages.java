package dev.countersign.ticket.inbound;

import dev.countersign.events.ActionId;
import dev.countersign.ticket.application.CastVote;
import dev.countersign.ticket.application.FindSets;
import dev.countersign.ticket.application.FollowPages;
import dev.countersign.ticket.application.PasskeyVotes;
import dev.countersign.ticket.application.ReadTicket;
import dev.countersign.ticket.application.ReviewSet;
import dev.countersign.ticket.application.SignIn;
import dev.countersign.ticket.application.SignSet;
import dev.countersign.ticket.application.Watch;
import dev.countersign.ticket.domain.Outcome;
import dev.countersign.ticket.domain.Proof;
import dev.countersign.ticket.domain.Refusal;
import io.quarkus.qute.Location;
import io.quarkus.qute.Template;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/// The page of a set of questions, led to from each of their tickets, and its one answer. A GET
/// changes no ticket. What comes in while somebody has the page open is in no form of theirs before
/// they asked to see it.
@Path("/tickets/{id: [0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}}/set")
@Produces("text/html;charset=UTF-8")
public class SetPages {

  private final Visitors visitors;
  private final FindSets find;
  private final ReadTicket read;
  private final CastVote vote;
  private final SignSet sign;
  private final PasskeyVotes votes;
  private final FollowPages follow;
  private final SetView view;
  private final Refusals refusals;
  private final Pages pages;
  private final Template set;
  private final Template message;
  private final Template signIn;

  @Inject
  SetPages(
      Visitors visitors,
      FindSets find,
      ReadTicket read,
      CastVote vote,
      SignSet sign,
      PasskeyVotes votes,
      FollowPages follow,
      SetView view,
      Refusals refusals,
      Pages pages,
      @Location("set.html") Template set,
      @Location("message.html") Template message,
      @Location("sign-in.html") Template signIn) {
    this.visitors = visitors;
    this.find = find;
    this.read = read;
    this.vote = vote;
    this.sign = sign;
    this.votes = votes;
    this.follow = follow;
    this.view = view;
    this.refusals = refusals;
    this.pages = pages;
    this.set = set;
    this.message = message;
    this.signIn = signIn;
  }

  @GET
  @Operation(hidden = true)
  public Uni<Response> show(
      @PathParam("id") String id,
      @QueryParam("also") @Nullable String also,
      @Context HttpHeaders headers) {
    ActionId actionId = ActionId.of(id);
    return visitors
        .find(headers)
        .chain(signed ->
            signed
                .map(it ->
                    Visitors.isByItself(headers)
                        ? page(
                            Response.Status.OK,
                            actionId,
                            SetView.also(also),
                            it,
                            null,
                            SetView.Given.NOTHING)
                        : whole(actionId, SetView.also(also), it))
                .orElseGet(() -> toTicket(actionId)));
  }

  /// One answer to all of them.
  @POST
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(hidden = true)
  public Uni<Response> answer(
      @PathParam("id") String id,
      @Context HttpHeaders headers,
      MultivaluedMap<String, String> form) {
    ActionId actionId = ActionId.of(id);
    Words words = pages.words(Words.class);
    if (visitors.isForeign(headers)) {
      return message(Response.Status.FORBIDDEN, null, words.foreignHeading(), words.foreign());
    }
    return visitors
        .find(headers)
        .chain(signed ->
            signed.map(it -> answer(actionId, it, form)).orElseGet(() -> signedOut(actionId)));
  }

  private Uni<Response> answer(
      ActionId id, SignIn.Signed signed, MultivaluedMap<String, String> form) {
    Words words = pages.words(Words.class);
    if (!Visitors.isOwnForm(signed, form.getFirst("token"))) {
      return message(
          Response.Status.FORBIDDEN, signed, words.foreignHeading(), words.notYourForm());
    }
    Map<ActionId, CastVote.Ballot> ballots = SetView.ballots(signed, form);
    return find.find(id, signed.approver(), ballots.keySet())
        .chain(found ->
            found
                .map(set ->
                    isAbout(set, ballots) ? cast(id, signed, set, ballots, form) : noAnswer(signed))
                .orElseGet(() -> single(signed)));
  }

  /// What is asked about alone is not answered with a set, whatever the form says.
  private static boolean isAbout(ReviewSet set, Map<ActionId, CastVote.Ballot> ballots) {
    return !ballots.isEmpty() && set.holds(ballots.keySet());
  }

  private Uni<Response> cast(
      ActionId id,
      SignIn.Signed signed,
      ReviewSet set,
      Map<ActionId, CastVote.Ballot> ballots,
      MultivaluedMap<String, String> form) {
    String ceremony = form.getFirst(BallotForm.CEREMONY);
    if (ceremony == null) {
      return vote.castTogether(ballots)
          .chain(outcomes -> after(id, signed, set, ballots, form, outcomes));
    }
    return sign.take(signed.approver(), set, ballots, ceremony, form.getFirst(BallotForm.ASSERTION))
        .chain(verified ->
            switch (verified) {
              case PasskeyVotes.Verified.Proven proven ->
                  vote.castTogether(proven(ballots, proven.proof()))
                      .chain(outcomes -> after(id, signed, set, ballots, form, outcomes));
              case PasskeyVotes.Verified.Refused refused ->
                  page(
                      Response.Status.FORBIDDEN,
                      id,
                      SetView.shown(ballots, form),
                      signed,
                      refusals.sentence(refused.refusal()),
                      view.given(ballots, form, Map.of()));
            });
  }

  private static Map<ActionId, CastVote.Ballot> proven(
      Map<ActionId, CastVote.Ballot> ballots, Proof proof) {
    Map<ActionId, CastVote.Ballot> proven = new HashMap<>();
    ballots.forEach((id, ballot) -> proven.put(id, ballot.provenBy(proof)));
    return proven;
  }

  /// What a passkey is to sign for all of them.
  @POST
  @Path("challenge")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Produces(MediaType.APPLICATION_JSON)
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
                ? challenge(ActionId.of(id), signed.get(), SetView.ballots(signed.get(), form))
                : Uni.createFrom().item(refusals.notFromThisPage()));
  }

  private Uni<Response> challenge(
      ActionId id, SignIn.Signed signed, Map<ActionId, CastVote.Ballot> ballots) {
    return find.find(id, signed.approver(), ballots.keySet())
        .chain(set ->
            set.isPresent() && isAbout(set.get(), ballots)
                ? sign.ask(signed.approver(), set.get(), ballots).map(refusals::response)
                : Uni.createFrom().item(refusals.notAnAnswer()));
  }

  private Uni<Response> noAnswer(SignIn.Signed signed) {
    DecideWords words = pages.words(DecideWords.class);
    return message(Response.Status.BAD_REQUEST, signed, words.notAnAnswer(), words.incomplete());
  }

  /// Back to the page where all went as they said; else the page says which did not, and why.
  private Uni<Response> after(
      ActionId id,
      SignIn.Signed signed,
      ReviewSet set,
      Map<ActionId, CastVote.Ballot> ballots,
      MultivaluedMap<String, String> form,
      Map<ActionId, Outcome> outcomes) {
    Map<ActionId, Refusal> refused = new HashMap<>();
    outcomes.forEach((each, outcome) -> {
      if (outcome instanceof Outcome.Refused refusal) {
        refused.put(each, refusal.refusal());
      }
    });
    return refused.isEmpty()
        ? Uni.createFrom().item(Response.seeOther(URI.create(SetView.path(id, set))).build())
        : page(
            Response.Status.CONFLICT,
            id,
            SetView.shown(ballots, form),
            signed,
            pages.words(SetWords.class).notAll(),
            view.given(ballots, form, refused));
  }

  /// All of it, for somebody who asks to see it.
  private Uni<Response> whole(ActionId id, Set<ActionId> also, SignIn.Signed signed) {
    return mark(id, also)
        .chain(mark ->
            find.show(id, signed.approver(), also)
                .chain(found ->
                    found
                        .map(set ->
                            page(
                                Response.Status.OK,
                                id,
                                set,
                                0,
                                signed,
                                mark,
                                null,
                                SetView.Given.NOTHING))
                        .orElseGet(() -> single(signed))));
  }

  /// What they have open, as it is now; what else came in is counted.
  private Uni<Response> page(
      Response.Status status,
      ActionId id,
      Set<ActionId> open,
      SignIn.Signed signed,
      @Nullable String notice,
      SetView.Given given) {
    return mark(id, open)
        .chain(mark ->
            find.find(id, signed.approver(), open)
                .chain(found ->
                    found
                        .map(set -> {
                          ReviewSet shown = set.among(open);
                          int more = set.members().size() - shown.members().size();
                          return page(status, id, shown, more, signed, mark, notice, given);
                        })
                        .orElseGet(() -> single(signed))));
  }

  /// Asked for first: what changes in between is shown twice rather than not at all.
  private Uni<String> mark(ActionId id, Set<ActionId> also) {
    return follow.mark(new FollowPages.Followed.OneSet(new Watch.SetOf(id, also)));
  }

  private Uni<List<ReadTicket.Dossier>> dossiers(ReviewSet set, String reader) {
    return Multi.createFrom()
        .iterable(set.members())
        .onItem()
        .transformToUniAndConcatenate(each ->
            read.read(
                each, Objects.requireNonNull(each.question(), "a member is asked about"), reader))
        .collect()
        .asList();
  }

  private Uni<Response> page(
      Response.Status status,
      ActionId id,
      ReviewSet found,
      int more,
      SignIn.Signed signed,
      String mark,
      @Nullable String notice,
      SetView.Given given) {
    return dossiers(found, signed.approver())
        .map(dossiers -> view.page(id, found, more, dossiers, signed, given))
        .chain(page ->
            canSign(page, signed)
                .chain(canSign ->
                    pages.render(
                        status,
                        signed,
                        set.data("set", page)
                            .data("mark", mark)
                            .data("canSign", canSign)
                            .data("reason", given.reason())
                            .data("notice", notice))));
  }

  private Uni<Boolean> canSign(SetView.Page page, SignIn.Signed signed) {
    return page.needsPasskey() ? votes.canSign(signed.approver()) : Uni.createFrom().item(false);
  }

  private Uni<Response> single(SignIn.Signed signed) {
    SetWords words = pages.words(SetWords.class);
    return message(Response.Status.NOT_FOUND, signed, words.single(), words.singleSentence());
  }

  /// Nothing was taken; whoever signs in again is back at the set.
  private Uni<Response> signedOut(ActionId id) {
    return pages.render(
        Response.Status.UNAUTHORIZED,
        null,
        signIn.data(
            "then", SetView.path(id), "notice", pages.words(SignInWords.class).signedOut()));
  }

  /// Whoever is not signed in starts at the ticket, whose link they hold.
  private static Uni<Response> toTicket(ActionId id) {
    return Uni.createFrom().item(Response.seeOther(URI.create("/tickets/" + id)).build());
  }

  private Uni<Response> message(
      Response.Status status, SignIn.@Nullable Signed signed, String heading, String sentence) {
    return pages.render(status, signed, message.data("heading", heading, "sentence", sentence));
  }
}
