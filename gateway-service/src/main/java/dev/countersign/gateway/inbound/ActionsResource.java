package dev.countersign.gateway.inbound;

import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.application.CancelAction;
import dev.countersign.gateway.application.FollowActions;
import dev.countersign.gateway.application.ProposeActions;
import dev.countersign.gateway.application.ReadResponse;
import dev.countersign.gateway.domain.Progress;
import dev.countersign.gateway.domain.Status;
import dev.countersign.gateway.domain.TargetResponse;
import dev.countersign.messaging.Unavailable;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
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
  private static final int LONGEST_REASON = 1_000;
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

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
  private final Clock clock = Clock.systemUTC();

  @Inject
  ActionsResource(
      ProposeActions proposeActions,
      CancelAction cancelAction,
      FollowActions followActions,
      ReadResponse readResponse) {
    this.proposeActions = proposeActions;
    this.cancelAction = cancelAction;
    this.followActions = followActions;
    this.readResponse = readResponse;
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
          action under the same id gets 409. `agent.id`, `tool` and `parameters` are required. At \
          most 64 KiB, 32 levels deep, integers within ±(2^53−1), money as strings.

          Without `actionId` in the body, an `Idempotency-Key` header that is a UUID becomes the \
          id; any other key becomes the UUID v5 of the agent's id and the key; without both an id \
          is drawn, and a retry cannot be told from a second wish.\
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
      description = "The database is away; send the same again under the same id.",
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
    ActionProposed proposal;
    try {
      proposal = ProposalBody.read(body == null ? new byte[0] : body, idempotencyKey);
    } catch (Bounds.OutOfBounds e) {
      return Uni.createFrom().item(invalid(e).response());
    }
    return proposeActions
        .propose(dated(proposal), traceparent)
        .map(ActionsResource::proposed)
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
    ActionId actionId = actionId(id);
    return followActions
        .await(actionId, seconds(wait))
        .chain(it ->
            it == null
                ? Uni.createFrom().item(Problem.noSuchAction(actionId).response())
                : readResponse
                    .of(it)
                    .map(response -> state(Response.ok(), ActionState.of(it, response))));
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
  public Uni<Response> cancel(@PathParam("id") String id, byte @Nullable [] body) {
    ActionId actionId = actionId(id);
    Cancellation cancellation = Cancellation.read(body);
    return cancelAction
        .cancel(actionId, cancellation.reason())
        .map(outcome ->
            switch (outcome) {
              case CancelAction.Outcome.Asked it -> state(Response.accepted(), it.progress());
              case CancelAction.Outcome.TooLate it -> tooLate(it.progress());
              case CancelAction.Outcome.Unknown _ -> Problem.noSuchAction(actionId).response();
            });
  }

  @GET
  @Path("{id}/events")
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @EventsFilter.Stream
  @Operation(
      operationId = "events",
      summary = "Each change of an action's state, as server-sent events",
      description =
          """
          One event `status` per stage, from `received` on, its `id` the stage's number from 1 to \
          5; `data` is the action's state as GET tells it, for stages already past only `actionId` \
          and `status`. The stream ends after the final event; where that one has `retryAfter`, GET \
          says later what a person found. `Last-Event-ID` leaves out what has been seen. Comments \
          keep the connection alive.\
          """)
  @APIResponse(responseCode = "200", description = "The stream.")
  @APIResponse(
      responseCode = "204",
      description = "The final event has been seen: nothing follows.")
  @APIResponse(
      responseCode = "404",
      description = "Nothing is known of this action.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  public Multi<OutboundSseEvent> events(
      @PathParam("id") String id,
      @Parameter(description = "The id of the last event seen.") @HeaderParam("Last-Event-ID")
          @Nullable String lastEventId,
      @Context Sse sse) {
    ActionId actionId = actionId(id);
    AtomicInteger told = new AtomicInteger(stage(lastEventId));
    Multi<Optional<OutboundSseEvent>> changes =
        followActions
            .follow(actionId)
            .onItem()
            .transformToUniAndConcatenate(
                it -> readResponse.of(it).map(response -> news(it, response, told, sse)))
            .onItem()
            .disjoint();
    OutboundSseEvent alive = sse.newEventBuilder().comment("alive").build();
    Multi<Optional<OutboundSseEvent>> heartbeats =
        Multi.createFrom()
            .ticks()
            .startingAfter(HEARTBEAT)
            .every(HEARTBEAT)
            .onOverflow()
            .drop()
            .map(_ -> Optional.of(alive));
    // Empty marks the end, for the heartbeats never end by themselves.
    return Multi.createBy()
        .merging()
        .streams(changes, heartbeats)
        .select()
        .first(Optional::isPresent)
        .map(Optional::get);
  }

  private static List<Optional<OutboundSseEvent>> news(
      Progress progress, Optional<TargetResponse> response, AtomicInteger told, Sse sse) {
    List<Optional<OutboundSseEvent>> news = new ArrayList<>();
    Status now = progress.status();
    for (Status each : progress.history()) {
      if (each.stage() > told.get()) {
        told.set(each.stage());
        Object data =
            each == now ? ActionState.of(progress, response) : new Past(progress.actionId(), each);
        news.add(
            Optional.of(
                sse.newEventBuilder()
                    .id(Integer.toString(each.stage()))
                    .name("status")
                    .data(text(data))
                    .build()));
      }
    }
    if (now.isFinal()) {
      news.add(Optional.empty());
    }
    return news;
  }

  /// A stage that was passed before the client looked.
  private record Past(ActionId actionId, Status status) {}

  private static Response proposed(ProposeActions.Outcome outcome) {
    return switch (outcome) {
      case ProposeActions.Outcome.Taken it -> {
        boolean settled = it.progress().status().isFinal();
        yield state(settled ? Response.ok() : Response.accepted(), it.progress());
      }
      case ProposeActions.Outcome.Conflict it ->
          Problem.of(
                  409,
                  "conflict",
                  "Another action has this id",
                  "This actionId stands for another action, which stays as it is; propose this one"
                      + " under an id of its own.")
              .about(it.progress().actionId())
              .response();
    };
  }

  private static Response tooLate(Progress progress) {
    return Problem.of(
            409,
            "already-answered",
            "Already answered",
            "There is an answer already, and answers never change; `action` holds it.")
        .with(ActionState.of(progress))
        .response();
  }

  private static Response state(Response.ResponseBuilder response, Progress progress) {
    return state(response, ActionState.of(progress));
  }

  private static Response state(Response.ResponseBuilder response, ActionState state) {
    // As text: JAX-RS would make an address out of it that holds whatever Host the client sent.
    response.header("Location", state.links().self());
    if (state.retryAfter() != null) {
      response.header("Retry-After", state.retryAfter());
    }
    return response
        .type(MediaType.APPLICATION_JSON)
        .header("Cache-Control", "no-store")
        .entity(EventJson.write(state))
        .build();
  }

  private static Problem invalid(Bounds.OutOfBounds why) {
    return why.code().equals("too-large")
        ? Problem.tooLarge(Bounds.MAX_BYTES)
        : Problem.of(400, why.code(), "Not a proposal", why.sentence());
  }

  /// The contract's events say when; a proposer over HTTP need not.
  private ActionProposed dated(ActionProposed it) {
    return it.at() != null
        ? it
        : new ActionProposed(
            it.actionId(),
            clock.instant(),
            it.agent(),
            it.tool(),
            it.parameters(),
            it.intent(),
            it.annotations(),
            it.batch(),
            it.deadline());
  }

  static ActionId actionId(@Nullable String text) {
    try {
      return ActionId.of(text == null ? "" : text);
    } catch (IllegalArgumentException e) {
      throw new Problem.Thrown(
          Problem.of(400, "action-id", "Not an actionId", e.getMessage() + "; check the path."));
    }
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

  // An id that we never gave is as good as none: the client is told everything.
  static int stage(@Nullable String lastEventId) {
    return lastEventId != null && lastEventId.matches("[0-9]") ? Integer.parseInt(lastEventId) : 0;
  }

  private static String text(Object data) {
    return new String(EventJson.write(data), StandardCharsets.UTF_8);
  }

  /// The body of a cancellation, which may be missing.
  record Cancellation(
      @Schema(description = "Why, in a sentence of at most 1,000 characters.")
          @Nullable String reason) {

    static Cancellation read(byte @Nullable [] body) {
      if (body == null || body.length == 0) {
        return new Cancellation(null);
      }
      try {
        Bounds.check(body);
        Cancellation cancellation = EventJson.read(body, Cancellation.class);
        if (cancellation.reason != null && cancellation.reason.length() > LONGEST_REASON) {
          throw new IllegalArgumentException("reason has more than 1,000 characters; shorten it");
        }
        return cancellation;
      } catch (Bounds.OutOfBounds e) {
        throw invalid(e.code(), e.sentence());
      } catch (IllegalArgumentException e) {
        throw invalid("shape", String.valueOf(e.getMessage()));
      }
    }

    private static Problem.Thrown invalid(String code, String sentence) {
      return new Problem.Thrown(Problem.of(400, code, "Not a cancellation", sentence));
    }
  }
}
