package dev.countersign.ticket.inbound;

import dev.countersign.events.EventJson;
import dev.countersign.ticket.application.EnrolPasskey;
import dev.countersign.ticket.application.Roster;
import dev.countersign.ticket.domain.InvitationId;
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
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/// Where an invited person makes their passkey. The link carries no authority: the code does, and
/// what is made counts only once a second party has vouched for it.
@Path("/enrol/{id}")
@Produces("text/html;charset=UTF-8")
public class EnrolPages {

  private static final int LONGEST_CODE = 40;

  private final EnrolPasskey enrol;
  private final Visitors visitors;
  private final Pages pages;
  private final Refusals refusals;
  private final Template page;
  private final Template waits;
  private final Template message;

  @Inject
  EnrolPages(
      EnrolPasskey enrol,
      Visitors visitors,
      Pages pages,
      Refusals refusals,
      @Location("enrol.html") Template page,
      @Location("enrol-waits.html") Template waits,
      @Location("message.html") Template message) {
    this.enrol = enrol;
    this.visitors = visitors;
    this.pages = pages;
    this.refusals = refusals;
    this.page = page;
    this.waits = waits;
    this.message = message;
  }

  @GET
  @Operation(hidden = true)
  public Uni<Response> page(@PathParam("id") String id) {
    return invitation(id).map(it -> page(Response.Status.OK, it, null)).orElseGet(this::over);
  }

  private Uni<Response> page(Response.Status status, InvitationId id, @Nullable String notice) {
    return enrol
        .invited(id)
        .chain(person -> person.isPresent() ? page(status, id, person.get(), notice) : over());
  }

  private Uni<Response> page(
      Response.Status status, InvitationId id, Roster.Person person, @Nullable String notice) {
    return pages.render(
        status,
        null,
        page.data("id", id.toString()).data("name", person.name()).data("notice", notice));
  }

  /// Types the code; what the browser is to make comes back.
  @POST
  @Path("challenge")
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(hidden = true)
  public Uni<Response> challenge(
      @PathParam("id") String id,
      @FormParam("code") @Nullable String code,
      @Context HttpHeaders headers) {
    Optional<InvitationId> invitation = invitation(id);
    if (visitors.isForeign(headers)) {
      return Uni.createFrom()
          .item(problem(Response.Status.FORBIDDEN, "foreign", pages.words(Words.class).foreign()));
    }
    if (invitation.isEmpty() || code == null || code.length() > LONGEST_CODE) {
      return Uni.createFrom().item(problem(Response.Status.GONE, "over", words().over()));
    }
    return enrol.begin(invitation.get(), code).map(this::response);
  }

  private Response response(EnrolPasskey.Begun begun) {
    return switch (begun) {
      case EnrolPasskey.Begun.Asked it -> Response.ok(EventJson.tree(it)).build();
      case EnrolPasskey.Begun.Wrong it ->
          problem(
              Response.Status.UNAUTHORIZED,
              "wrong-code",
              it.triesLeft() == 1 ? words().wrongOneLeft() : words().wrong(it.triesLeft()));
      case EnrolPasskey.Begun.Over _ -> problem(Response.Status.GONE, "over", words().over());
    };
  }

  private static Response problem(Response.Status status, String code, String sentence) {
    return Problem.of(status, code, status.getReasonPhrase(), sentence);
  }

  /// Takes the passkey that the browser made.
  @POST
  @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
  @Operation(hidden = true)
  public Uni<Response> finish(
      @PathParam("id") String id,
      @FormParam(BallotForm.CEREMONY) @Nullable String ceremony,
      @FormParam(BallotForm.ASSERTION) @Nullable String registration,
      @FormParam("label") @Nullable String label,
      @Context HttpHeaders headers) {
    Optional<InvitationId> invitation = invitation(id);
    if (invitation.isEmpty()) {
      return over();
    }
    if (visitors.isForeign(headers)) {
      return page(Response.Status.FORBIDDEN, invitation.get(), pages.words(Words.class).foreign());
    }
    if (ceremony == null) {
      return page(Response.Status.BAD_REQUEST, invitation.get(), words().needsScript());
    }
    return enrol
        .finish(invitation.get(), ceremony, registration, label)
        .chain(enrolled ->
            switch (enrolled) {
              case EnrolPasskey.Enrolled.Waits it ->
                  pages.render(
                      Response.Status.OK, null, waits.data("fingerprint", it.fingerprint()));
              case EnrolPasskey.Enrolled.Refused it ->
                  page(
                      Response.Status.FORBIDDEN, invitation.get(), refusals.sentence(it.refusal()));
              case EnrolPasskey.Enrolled.Over _ -> over();
            });
  }

  private Uni<Response> over() {
    return pages.render(
        Response.Status.GONE,
        null,
        message.data("heading", words().overHeading(), "sentence", words().over()));
  }

  private EnrolWords words() {
    return pages.words(EnrolWords.class);
  }

  private static Optional<InvitationId> invitation(String id) {
    try {
      return Optional.of(InvitationId.of(id));
    } catch (IllegalArgumentException _) {
      // Any other path is no invitation either.
      return Optional.empty();
    }
  }
}
