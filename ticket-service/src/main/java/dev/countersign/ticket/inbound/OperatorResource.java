package dev.countersign.ticket.inbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.EventJson;
import dev.countersign.events.Oversight;
import dev.countersign.ticket.application.ChangeEnrolment;
import dev.countersign.ticket.application.Enrolments;
import dev.countersign.ticket.application.FindPasskeys;
import dev.countersign.ticket.application.FreezeExecutions;
import dev.countersign.ticket.application.InvitePerson;
import dev.countersign.ticket.application.Roster;
import dev.countersign.ticket.domain.Credential;
import dev.countersign.ticket.domain.Enrolment;
import dev.countersign.ticket.domain.EnrolmentOutcome;
import dev.countersign.ticket.domain.EnrolmentRefusal;
import dev.countersign.ticket.domain.InvitationId;
import dev.countersign.ticket.domain.Party;
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
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// What `./countersign invite`, `confirm` and `freeze` ask for. The operator proves that they hold
/// this machine's state folder by a secret from there; without one set, nobody is the operator.
@Path("/v1/operator")
@Produces(MediaType.APPLICATION_JSON)
public class OperatorResource {

  private static final Party OPERATOR = new Party.Operator();

  private final InvitePerson invite;
  private final FindPasskeys find;
  private final ChangeEnrolment change;
  private final FreezeExecutions freeze;
  private final Roster roster;
  private final Optional<String> secret;
  private final URI url;

  @Inject
  OperatorResource(
      InvitePerson invite,
      FindPasskeys find,
      ChangeEnrolment change,
      FreezeExecutions freeze,
      Roster roster,
      @ConfigProperty(name = "countersign.operator.secret") Optional<String> secret,
      @ConfigProperty(name = "countersign.ticket.url") URI url) {
    this.invite = invite;
    this.find = find;
    this.change = change;
    this.freeze = freeze;
    this.roster = roster;
    this.secret = secret;
    this.url = url;
  }

  /// An invitation, with the code that is told to the person and to nobody else.
  record Invited(
      InvitationId invitation, String approver, String name, URI link, String code, String until) {}

  /// A passkey that waits for somebody to vouch for it.
  record Waiting(
      InvitationId invitation,
      String label,
      String fingerprint,
      String credentialId,
      String invitedBy) {}

  /// A person's passkeys.
  record Passkeys(
      String approver, String name, int confirmed, int invited, List<Waiting> waiting) {}

  /// Invites a person: `{"person": ID or ADDRESS}`.
  @POST
  @Path("invitations")
  @Consumes(MediaType.APPLICATION_JSON)
  public Uni<Response> invite(@Context HttpHeaders headers, @Nullable JsonNode body) {
    return asOperator(
        headers,
        () ->
            invite
                .invite(OPERATOR, member(body, "person"))
                .map(inviting ->
                    switch (inviting) {
                      case InvitePerson.Inviting.Invited it ->
                          Response.status(Response.Status.CREATED)
                              .entity(
                                  EventJson.tree(
                                      new Invited(
                                          it.invitation().id(),
                                          it.person().id(),
                                          it.person().name(),
                                          it.link(),
                                          it.code(),
                                          it.invitation().until().toString())))
                              .build();
                      case InvitePerson.Inviting.Refused it -> refused(it.refusal());
                    }));
  }

  /// The passkeys of a person, `?person=ID or ADDRESS`.
  @GET
  @Path("passkeys")
  public Uni<Response> passkeys(
      @Context HttpHeaders headers, @QueryParam("person") @Nullable String person) {
    return asOperator(
        headers,
        () -> {
          Optional<Roster.Person> found = roster.find(person == null ? "" : person);
          return found.isEmpty()
              ? Uni.createFrom().item(refused(EnrolmentRefusal.UNKNOWN_PERSON))
              : find.of(found.get().id())
                  .map(filed -> Response.ok(EventJson.tree(passkeys(found.get(), filed))).build());
        });
  }

  private static Passkeys passkeys(Roster.Person person, List<Enrolments.Filed> filed) {
    List<Enrolment> all = filed.stream().map(Enrolments.Filed::enrolment).toList();
    return new Passkeys(
        person.id(),
        person.name(),
        (int) all.stream().filter(Enrolment.Confirmed.class::isInstance).count(),
        (int) all.stream().filter(Enrolment.Invited.class::isInstance).count(),
        all.stream()
            .filter(Enrolment.Made.class::isInstance)
            .map(Enrolment.Made.class::cast)
            .map(OperatorResource::waiting)
            .toList());
  }

  private static Waiting waiting(Enrolment.Made made) {
    Credential credential = made.credential();
    return new Waiting(
        made.invitation().id(),
        made.label(),
        credential.fingerprint(),
        credential.id(),
        made.invitation().by());
  }

  /// Vouches for a passkey: `{"credentialId": …}` of the one whose fingerprint was compared.
  @POST
  @Path("passkeys/{invitation}/confirm")
  @Consumes(MediaType.APPLICATION_JSON)
  public Uni<Response> confirm(
      @Context HttpHeaders headers,
      @PathParam("invitation") String invitation,
      @Nullable JsonNode body) {
    return asOperator(
        headers,
        () -> {
          InvitationId id;
          try {
            id = InvitationId.of(invitation);
          } catch (IllegalArgumentException _) {
            return Uni.createFrom().item(refused(EnrolmentRefusal.NOT_WAITING));
          }
          return change
              .confirm(id, OPERATOR, member(body, "credentialId"))
              .map(outcome ->
                  switch (outcome) {
                    case EnrolmentOutcome.Changed _, EnrolmentOutcome.Unchanged _ ->
                        Response.noContent().build();
                    case EnrolmentOutcome.Refused it -> refused(it.refusal());
                  });
        });
  }

  /// Freezes: `{"agent": NAME, "reason": …}`, `{"toolset": NAME, …}`, or neither for everything.
  @POST
  @Path("freezes")
  @Consumes(MediaType.APPLICATION_JSON)
  public Uni<Response> freeze(@Context HttpHeaders headers, @Nullable JsonNode body) {
    return asOperator(
        headers,
        () -> {
          try {
            return freeze
                .freeze(frozen(body), OPERATOR.id(), member(body, "reason").strip())
                .map(id ->
                    Response.status(Response.Status.CREATED)
                        .entity(JsonNodeFactory.instance.objectNode().put("freeze", id.toString()))
                        .build());
          } catch (IllegalArgumentException e) {
            return Uni.createFrom()
                .item(
                    Problem.of(
                        Response.Status.BAD_REQUEST,
                        "unreadable",
                        "Not frozen",
                        String.valueOf(e.getMessage())));
          }
        });
  }

  private static Oversight.Frozen frozen(@Nullable JsonNode body) {
    return new Oversight.Frozen(
        body != null && body.has("agent") ? member(body, "agent").strip() : null,
        body != null && body.has("toolset") ? member(body, "toolset").strip() : null);
  }

  private static String member(@Nullable JsonNode body, String name) {
    return body == null ? "" : body.path(name).asText();
  }

  private Uni<Response> asOperator(HttpHeaders headers, Supplier<Uni<Response>> work) {
    String given = Objects.requireNonNullElse(headers.getHeaderString("Authorization"), "");
    boolean isOperator =
        secret.isPresent()
            && !secret.get().isBlank()
            && MessageDigest.isEqual(bytes("Bearer " + secret.get()), bytes(given));
    return isOperator
        ? work.get()
        : Uni.createFrom()
            .item(
                Problem.of(
                    Response.Status.UNAUTHORIZED,
                    "not-the-operator",
                    "Not the operator",
                    "This is for ./countersign on the machine that runs the service; people manage"
                        + " passkeys at "
                        + url.resolve("/people")));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Response refused(EnrolmentRefusal refusal) {
    return Problem.of(
        refusal == EnrolmentRefusal.UNKNOWN_PERSON
            ? Response.Status.NOT_FOUND
            : Response.Status.CONFLICT,
        refusal.code(),
        "Not done",
        sentence(refusal));
  }

  private String sentence(EnrolmentRefusal refusal) {
    return switch (refusal) {
      case UNKNOWN_PERSON ->
          "approvers.yaml names nobody so who has a mail address; write the id or address as it"
              + " stands there, or add the person";
      case OPERATOR_ALONE ->
          "you invited this person yourself, and there are admins enough: one of "
              + roster.admins().stream().map(roster::name).collect(Collectors.joining(", "))
              + " compares the fingerprint and confirms it at "
              + url.resolve("/people");
      case NOT_WAITING ->
          "no such passkey waits: it was revoked, or the person has not made it yet";
      case INVITATION_OVER -> "the invitation was used, withdrawn, or is over; invite anew";
      case NOT_ADMIN, NOT_BY_PASSKEY, OWN_PASSKEY, OWN_INVITATION, NOT_THEIRS ->
          "somebody else must do this, at " + url.resolve("/people");
    };
  }
}
