package dev.countersign.ticket.inbound;

import dev.countersign.ticket.application.ChangeEnrolment;
import dev.countersign.ticket.application.EndSessions;
import dev.countersign.ticket.application.Enrolments;
import dev.countersign.ticket.application.FindPasskeys;
import dev.countersign.ticket.application.FollowPages;
import dev.countersign.ticket.application.InvitePerson;
import dev.countersign.ticket.application.Roster;
import dev.countersign.ticket.application.SignIn;
import dev.countersign.ticket.domain.EnrolmentOutcome;
import dev.countersign.ticket.domain.EnrolmentRefusal;
import dev.countersign.ticket.domain.InvitationId;
import dev.countersign.ticket.domain.Party;
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
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/// People and their passkeys: everybody sees their own, admins see all of them, invite, confirm and
/// revoke.
@Path("/people")
@Produces("text/html;charset=UTF-8")
public class PeoplePages {

  private static final int LONGEST_REASON = 300;

  private final Visitors visitors;
  private final FindPasskeys find;
  private final InvitePerson invite;
  private final ChangeEnrolment change;
  private final EndSessions end;
  private final Roster roster;
  private final FollowPages follow;
  private final Pages pages;
  private final PeopleView view;
  private final Refusals refusals;
  private final Template people;
  private final Template invited;
  private final Template message;

  @Inject
  PeoplePages(
      Visitors visitors,
      FindPasskeys find,
      InvitePerson invite,
      ChangeEnrolment change,
      EndSessions end,
      Roster roster,
      FollowPages follow,
      Pages pages,
      PeopleView view,
      Refusals refusals,
      @Location("people.html") Template people,
      @Location("people-invited.html") Template invited,
      @Location("message.html") Template message) {
    this.visitors = visitors;
    this.find = find;
    this.invite = invite;
    this.change = change;
    this.end = end;
    this.roster = roster;
    this.follow = follow;
    this.pages = pages;
    this.view = view;
    this.refusals = refusals;
    this.people = people;
    this.invited = invited;
    this.message = message;
  }

  @GET
  @Operation(hidden = true)
  public Uni<Response> people(@Context HttpHeaders headers) {
    return visitors
        .find(headers)
        .chain(signed ->
            signed.isPresent() ? page(Response.Status.OK, signed.get(), null) : toSignIn());
  }

  private Uni<Response> page(
      Response.Status status, SignIn.Signed signed, @Nullable EnrolmentRefusal refusal) {
    Party.Person reader = party(signed);
    // The mark first: what changes in between is shown twice rather than not at all.
    return follow
        .mark(new FollowPages.Followed.PasskeysOf(signed.approver()))
        .chain(mark ->
            (reader.admin() ? find.all() : find.of(signed.approver()))
                .chain(all -> page(status, signed, reader, all, mark, refusal)));
  }

  private Uni<Response> page(
      Response.Status status,
      SignIn.Signed signed,
      Party.Person reader,
      List<Enrolments.Filed> all,
      String mark,
      @Nullable EnrolmentRefusal refusal) {
    return pages.render(
        status,
        signed,
        people
            .data("mark", mark)
            .data("mine", view.mine(all, reader))
            .data("others", view.others(all, reader))
            .data("left", view.left(all, reader))
            .data("admin", reader.admin())
            .data("byPasskey", reader.byPasskey())
            .data("notice", refusal == null ? null : refusals.sentence(refusal)));
  }

  /// Invites a person; the page that follows is the only one that ever shows the code.
  @POST
  @Path("invite")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(hidden = true)
  public Uni<Response> invite(
      @Context HttpHeaders headers,
      @FormParam("token") @Nullable String token,
      @FormParam("person") @Nullable String person) {
    return forOwnForm(
        headers,
        token,
        signed ->
            invite
                .invite(party(signed), person == null ? "" : person)
                .chain(inviting ->
                    switch (inviting) {
                      case InvitePerson.Inviting.Invited it ->
                          pages.render(
                              Response.Status.OK,
                              signed,
                              invited
                                  .data("name", it.person().name())
                                  .data("mail", it.person().mail())
                                  .data("link", it.link().toString())
                                  .data("code", it.code()));
                      case InvitePerson.Inviting.Refused it ->
                          page(Response.Status.FORBIDDEN, signed, it.refusal());
                    }));
  }

  /// Vouches for the passkey whose fingerprint was shown.
  @POST
  @Path("{invitation}/confirm")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(hidden = true)
  public Uni<Response> confirm(
      @Context HttpHeaders headers,
      @PathParam("invitation") String invitation,
      @FormParam("token") @Nullable String token,
      @FormParam("credential") @Nullable String credential) {
    return forOwnForm(
        headers,
        token,
        signed ->
            after(
                signed,
                invitation,
                id -> change.confirm(id, party(signed), credential == null ? "" : credential)));
  }

  /// Takes a passkey or an invitation away.
  @POST
  @Path("{invitation}/revoke")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(hidden = true)
  public Uni<Response> revoke(
      @Context HttpHeaders headers,
      @PathParam("invitation") String invitation,
      @FormParam("token") @Nullable String token,
      @FormParam("reason") @Nullable String reason) {
    return forOwnForm(
        headers,
        token,
        signed -> after(signed, invitation, id -> change.revoke(id, party(signed), said(reason))));
  }

  /// Ends the sessions of the person whom the form names, all of the reader's own where it names
  /// nobody.
  @POST
  @Path("sign-out")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(hidden = true)
  public Uni<Response> signOut(
      @Context HttpHeaders headers,
      @FormParam("token") @Nullable String token,
      @FormParam("person") @Nullable String person) {
    return forOwnForm(
        headers,
        token,
        signed ->
            end.of(person == null ? signed.approver() : person, party(signed))
                .chain(refusal ->
                    refusal.isPresent()
                        ? page(Response.Status.FORBIDDEN, signed, refusal.get())
                        // Whose own have ended signs in on the way there.
                        : Uni.createFrom().item(Response.seeOther(URI.create("/people")).build())));
  }

  private static @Nullable String said(@Nullable String reason) {
    if (reason == null || reason.isBlank()) {
      return null;
    }
    String said = reason.strip().replace("\0", "");
    return said.length() <= LONGEST_REASON ? said : said.substring(0, LONGEST_REASON);
  }

  private Uni<Response> after(
      SignIn.Signed signed, String invitation, Function<InvitationId, Uni<EnrolmentOutcome>> work) {
    InvitationId id;
    try {
      id = InvitationId.of(invitation);
    } catch (IllegalArgumentException _) {
      return page(Response.Status.NOT_FOUND, signed, EnrolmentRefusal.NOT_WAITING);
    }
    return work.apply(id)
        .chain(outcome ->
            switch (outcome) {
              case EnrolmentOutcome.Changed _, EnrolmentOutcome.Unchanged _ ->
                  Uni.createFrom().item(Response.seeOther(URI.create("/people")).build());
              case EnrolmentOutcome.Refused it ->
                  page(Response.Status.FORBIDDEN, signed, it.refusal());
            });
  }

  private Uni<Response> forOwnForm(
      HttpHeaders headers, @Nullable String token, Function<SignIn.Signed, Uni<Response>> work) {
    return visitors
        .find(headers)
        .chain(signed -> {
          if (signed.isEmpty()) {
            return toSignIn();
          }
          if (visitors.isForeign(headers) || !Visitors.isOwnForm(signed.get(), token)) {
            Words words = pages.words(Words.class);
            return pages.render(
                Response.Status.FORBIDDEN,
                signed.get(),
                message.data("heading", words.foreignHeading(), "sentence", words.notYourForm()));
          }
          return work.apply(signed.get());
        });
  }

  private Party.Person party(SignIn.Signed signed) {
    return new Party.Person(
        signed.approver(), roster.isAdmin(signed.approver()), signed.began().isPasskey());
  }

  private static Uni<Response> toSignIn() {
    return Uni.createFrom().item(Response.seeOther(URI.create("/sign-in?then=/people")).build());
  }
}
