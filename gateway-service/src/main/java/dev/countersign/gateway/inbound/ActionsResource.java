package dev.countersign.gateway.inbound;

import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Bounds;
import dev.countersign.gateway.application.CancelAction;
import dev.countersign.gateway.application.FollowActions;
import dev.countersign.gateway.application.ProposeActions;
import dev.countersign.gateway.application.ReadResponse;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.messaging.Unavailable;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Agents' door over HTTP.
@Path("/v1/actions")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "actions", description = "Propose tool calls and learn what became of them.")
class ActionsResource {

  private static final int LONGEST_WAIT = 45;

  private static final String EXAMPLE =
      """
      {
        "actionId": "018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d",
        "agent": {"id": "billing-bot", "session": "run-91c", "onBehalfOf": "treasury@acme.example"},
        "tool": {"toolset": "payments", "name": "wire_transfer"},
        "parameters": {
          "recipient": {"name": "ACME GmbH", "iban": "DE89370400440532013000"},
          "amount": "48200.00",
          "currency": "EUR"
        },
        "intent": {"summary": "Pay invoice 4711", "reason": "due today"},
        "deadline": "PT1H"
      }\
      """;

  private final ProposeActions proposeActions;
  private final CancelAction cancelAction;
  private final FollowActions followActions;
  private final ReadResponse readResponse;
  private final RoutingContext routing;
  private final Clock clock = Clock.systemUTC();

  @Inject
  ActionsResource(
      ProposeActions proposeActions,
      CancelAction cancelAction,
      FollowActions followActions,
      ReadResponse readResponse,
      RoutingContext routing) {
    this.proposeActions = proposeActions;
    this.cancelAction = cancelAction;
    this.followActions = followActions;
    this.readResponse = readResponse;
    this.routing = routing;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "propose",
      summary = "Propose an action",
      description =
          """
          Asks for one tool call. 202 means that the proposal is durable; follow `Location` for the \
          answer. The `actionId` is the idempotency key: sending the same action again under the \
          same id gets the same answer and has no second effect (200 once it is final), another \
          action under the same id gets 409. `agent.id`, `tool` and `parameters` are required; who authenticates may leave `agent.id` out. At \
          most 64 KiB, 32 levels deep, integers within ±(2^53−1), money as strings.

          Without `actionId` in the body, an `Idempotency-Key` header that is a UUID becomes the \
          id; any other key becomes the UUID v5 of the agent's id and the key, in a namespace of \
          the platform's where the credential names one; without both an id is drawn, and a retry \
          cannot be told from a second wish.\
          """)
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(type = SchemaType.OBJECT),
              example = EXAMPLE))
  @APIResponse(
      responseCode = "202",
      description = "Durable, now or since an earlier request, and not final yet.",
      content = @Content(schema = @Schema(implementation = ActionState.class)))
  @APIResponse(
      responseCode = "200",
      description = "It was proposed before and is final: this is how it ended.",
      content = @Content(schema = @Schema(implementation = ActionState.class)))
  @APIResponse(
      responseCode = "400",
      description = "Not a proposal; `type` names the code.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @APIResponse(
      responseCode = "403",
      description = "The credential is not that agent's, or not good for that toolset.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @APIResponse(
      responseCode = "409",
      description = "The id stands for another action (`conflict`).",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @APIResponse(
      responseCode = "413",
      description = "More than 64 KiB.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @APIResponse(
      responseCode = "503",
      description = "With the `actionId` to send it under once more.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  public Uni<Response> propose(
      byte @Nullable [] body,
      @Parameter(description = "Stands for `actionId` where the body has none.")
          @HeaderParam("Idempotency-Key")
          @Nullable String idempotencyKey,
      @Parameter(description = "W3C trace context, carried through every hop.")
          @HeaderParam("traceparent")
          @Nullable String traceparent) {
    Caller caller = Callers.of(routing);
    ActionProposed proposal;
    try {
      proposal =
          ProposalBody.fitting(
              ProposalBody.dated(
                  ProposalBody.read(caller, body == null ? new byte[0] : body, idempotencyKey),
                  clock));
    } catch (Bounds.OutOfBounds e) {
      return Uni.createFrom().item(Answers.invalid(e).response());
    }
    Optional<Caller.Objection> objection = caller.objection(proposal.agent(), proposal.tool());
    if (objection.isPresent()) {
      return Uni.createFrom()
          .item(Problem.forbidden(objection.get()).about(proposal.actionId()).response());
    }
    return proposeActions
        .propose(proposal, traceparent)
        .map(Answers::proposed)
        .onFailure(Unavailable.class)
        // With the id, so that a proposer whose id we drew can send the same again.
        .recoverWithItem(it -> Problems.unavailable(it).about(proposal.actionId()).response());
  }

  @GET
  @Path("{id}")
  @Operation(
      operationId = "get",
      summary = "How an action stands",
      description =
          """
          With `wait`, answers as soon as the action reaches a later stage than it has when the \
          request comes in (received, then waiting, then unreachable, then approved, then final), \
          at once where it is final, and after so many seconds in any case. Ask again until \
          `status` is final and there is no `retryAfter`. Actions that were proposed on Kafka are found here once the policy has \
          judged them.\
          """)
  @APIResponse(
      responseCode = "200",
      description = "How it stands now.",
      content = @Content(schema = @Schema(implementation = ActionState.class)))
  @APIResponse(
      responseCode = "400",
      description = "Not an actionId, or not a waiting time.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @APIResponse(
      responseCode = "404",
      description = "Nothing is known of this action.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  public Uni<Response> get(
      @Parameter(description = "The actionId.") @PathParam("id") String id,
      @Parameter(
              description = "Seconds to wait for a change, 0 to 45.",
              schema = @Schema(type = SchemaType.INTEGER, minimum = "0", maximum = "45"))
          @QueryParam("wait")
          @Nullable String wait) {
    ActionId actionId = Paths.actionId(id);
    return followActions
        .await(Callers.of(routing), actionId, seconds(wait))
        .chain(it ->
            it == null
                ? Uni.createFrom().item(Problem.noSuchAction(actionId).response())
                : readResponse
                    .of(it)
                    .map(response -> Answers.state(Response.ok(), ActionState.of(it, response))));
  }

  @POST
  @Path("{id}/cancel")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "cancel",
      summary = "Take a proposal back",
      description =
          """
          Asks for the cancellation, once however often it is sent. Whether it came in time is the \
          ticket's to say: wait for a final `status`. Once there is an answer it stands, also an \
          approval: 409 with that answer.\
          """)
  @RequestBody(
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = Cancellation.class)))
  @APIResponse(
      responseCode = "202",
      description = "Asked for, now or since an earlier request.",
      content = @Content(schema = @Schema(implementation = ActionState.class)))
  @APIResponse(
      responseCode = "400",
      description = "Not an actionId, or not a cancellation.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @APIResponse(
      responseCode = "404",
      description = "Nothing is known of this action.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @APIResponse(
      responseCode = "409",
      description = "There is an answer already (`already-answered`); `action` holds it.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @APIResponse(
      responseCode = "413",
      description = "More than 64 KiB.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  public Uni<Response> cancel(@PathParam("id") String id, byte @Nullable [] body) {
    ActionId actionId = Paths.actionId(id);
    Cancellation cancellation = Cancellation.read(body);
    return cancelAction
        .cancel(Callers.of(routing), actionId, cancellation.reason())
        .map(outcome ->
            switch (outcome) {
              case CancelAction.Outcome.Asked it ->
                  Answers.state(Response.accepted(), it.progress());
              case CancelAction.Outcome.TooLate it -> Answers.tooLate(it.progress());
              case CancelAction.Outcome.Unknown _ -> Problem.noSuchAction(actionId).response();
            });
  }

  private static Duration seconds(@Nullable String wait) {
    if (wait == null) {
      return Duration.ZERO;
    }
    if (!wait.matches("[0-9]{1,2}") || Integer.parseInt(wait) > LONGEST_WAIT) {
      throw new Problem.Thrown(
          Problem.of(
              400,
              "wait",
              "Not a waiting time",
              "wait must be a whole number of seconds from 0 to " + LONGEST_WAIT + "."));
    }
    return Duration.ofSeconds(Integer.parseInt(wait));
  }
}
