package dev.countersign.ticket.inbound;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Card;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Prompt;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.ticket.application.Docket;
import dev.countersign.ticket.application.FindTickets;
import dev.countersign.ticket.application.SignIn;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Vote;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Tickets as JSON, for approvers who are signed in.
@Path("/v1/tickets")
@Produces(MediaType.APPLICATION_JSON)
public class TicketsResource {

  private static final String NOT_YOURS =
      "You are not among the people who may answer this, so its card is all there is to see here.";

  private final Visitors visitors;
  private final FindTickets find;

  @Inject
  TicketsResource(Visitors visitors, FindTickets find) {
    this.visitors = visitors;
    this.find = find;
  }

  /// A ticket as its approvers see it; for others its card, how it stands, and a `notice` that says
  /// so.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Shown(
      ActionId actionId,
      String state,
      int version,
      @Nullable Card card,
      @Nullable Prompt prompt,
      @Nullable Digest promptDigest,
      @Nullable Digest actionDigest,
      @Nullable Action action,
      @Nullable Requirement requirement,
      @Nullable Instant openedAt,
      @Nullable Instant expiresAt,
      @Nullable Instant decidedAt,
      @Nullable String decidedBy,
      @Nullable Reason reason,
      List<Vote> votes,
      boolean mayAnswer,
      @Nullable String notice) {}

  /// The pending tickets that this approver may answer, the next deadline first.
  @GET
  public Uni<Response> list(@Context HttpHeaders headers) {
    return forSignedIn(
        headers,
        signed ->
            find.inbox(signed.approver())
                .map(dockets ->
                    Response.ok(
                            json(
                                dockets.stream()
                                    .map(each -> shown(each, signed.approver()))
                                    .toList()))
                        .build()));
  }

  /// One ticket.
  @GET
  @Path("{id}")
  public Uni<Response> get(@PathParam("id") String id, @Context HttpHeaders headers) {
    return forSignedIn(
        headers,
        signed -> {
          ActionId actionId;
          try {
            actionId = ActionId.of(id);
          } catch (IllegalArgumentException e) {
            return Uni.createFrom()
                .item(
                    Problem.of(
                        Response.Status.BAD_REQUEST,
                        "malformed",
                        "Not a ticket id",
                        e.getMessage() + "; send the id of the action"));
          }
          return find.show(actionId, signed.approver())
              .map(docket ->
                  docket
                      .map(it -> Response.ok(json(shown(it, signed.approver()))).build())
                      .orElseGet(() ->
                          Problem.of(
                              Response.Status.NOT_FOUND,
                              "not-found",
                              "No such ticket",
                              "Nothing is on file under this id; check it, or wait until"
                                  + " its verdict has come.")));
        });
  }

  private Uni<Response> forSignedIn(
      HttpHeaders headers, Function<SignIn.Signed, Uni<Response>> work) {
    return visitors
        .find(headers)
        .chain((Optional<SignIn.Signed> signed) ->
            signed
                .map(work)
                .orElseGet(() ->
                    Uni.createFrom()
                        .item(
                            Problem.of(
                                Response.Status.UNAUTHORIZED,
                                "not-signed-in",
                                "Not signed in",
                                "Tickets are for approvers; sign in at /sign-in first."))));
  }

  /// By the mapper of the events, so that times and digests are spelt as there.
  private static JsonNode json(Object value) {
    return EventJson.tree(value);
  }

  private Shown shown(Docket docket, String approver) {
    Question question = docket.question();
    if (question == null) {
      return card(docket, null, null);
    }
    if (!find.mayRead(docket, approver)) {
      return card(docket, question.card(), NOT_YOURS);
    }
    return new Shown(
        docket.actionId(),
        docket.standing().word(),
        docket.version(),
        question.card(),
        question.prompt(),
        question.promptDigest(),
        question.actionDigest(),
        question.action(),
        question.requirement(),
        question.openedAt(),
        question.expiresAt(),
        docket.decidedAt(),
        docket.decidedBy(),
        docket.reason(),
        docket.votes(),
        find.mayAnswer(docket, approver),
        null);
  }

  private static Shown card(Docket docket, @Nullable Card card, @Nullable String notice) {
    return new Shown(
        docket.actionId(),
        docket.standing().word(),
        docket.version(),
        card,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        docket.decidedAt(),
        null,
        null,
        List.of(),
        false,
        notice);
  }
}
