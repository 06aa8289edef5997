package dev.countersign.gateway.inbound;

import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Batch;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.application.ProposeActions;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.gateway.domain.IdempotencyKey;
import dev.countersign.messaging.Unavailable;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Several proposals in one request, to be reviewed as one.
@Path("/v1/actions/batch")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "actions")
class BatchResource {

  /// What became of one of them: the state of its action, or a problem.
  @Schema(name = "BatchAnswer")
  record Answer(
      @Schema(description = "As it would have been, had it come alone.") int status,
      @Nullable ActionState action,
      @Nullable Problem problem) {

    static Answer of(Problem problem) {
      return new Answer(problem.status(), null, problem);
    }
  }

  /// @param batch the one that those belong to that named none of their own, and whose ids were not
  ///   taken before; absent where none does
  @Schema(name = "BatchAnswers")
  record BatchAnswers(@Nullable Batch batch, List<Answer> answers) {}

  // As long as any that is given here.
  private static final Batch ANY_BATCH = new Batch(new UUID(0, 0).toString(), BatchBody.MOST);

  /// A proposal of the batch that can be proposed, or why not.
  private sealed interface Read {
    record Fit(ActionProposed proposal) implements Read {}

    record Unfit(Problem problem) implements Read {}
  }

  private final ProposeActions proposeActions;
  private final RateLimits limits;
  private final RoutingContext routing;
  private final Clock clock = Clock.systemUTC();

  @Inject
  BatchResource(ProposeActions proposeActions, RateLimits limits, RoutingContext routing) {
    this.proposeActions = proposeActions;
    this.limits = limits;
    this.routing = routing;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "proposeBatch",
      summary = "Propose several actions as one set",
      description =
          """
          An array of 1 to 100 proposals, 1,000,000 bytes at most, each as for `POST /v1/actions` \
          and answered by itself, in the order of the array: one that is no good keeps none from \
          being proposed. Those that name no `batch`, and whose ids were not taken before, are \
          given one, whose size is how many they are, and approvers see them as one set; the same \
          proposals sent again belong to the same. An `Idempotency-Key` stands for as many keys as \
          there are proposals: their places are part of it, so a retry sends them in the same \
          order. Each proposal counts as a request.\
          """)
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(type = SchemaType.ARRAY, implementation = Object.class)))
  @APIResponse(
      responseCode = "200",
      description = "An answer for each; look at every `status`.",
      content = @Content(schema = @Schema(implementation = BatchAnswers.class)))
  @APIResponse(
      responseCode = "400",
      description = "Not an array of proposals, or more than may come at once (`too-many`).",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @APIResponse(
      responseCode = "413",
      description = "More than 1,000,000 bytes.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  public Uni<Response> propose(
      byte @Nullable [] body,
      @Parameter(description = "Stands for the `actionId` of those that have none.")
          @HeaderParam("Idempotency-Key")
          @Nullable String idempotencyKey,
      @Parameter(description = "W3C trace context, carried through every hop.")
          @HeaderParam("traceparent")
          @Nullable String traceparent) {
    Caller caller = Callers.of(routing);
    List<byte[]> sent;
    Optional<IdempotencyKey> key;
    try {
      sent = BatchBody.split(body == null ? new byte[0] : body);
      key = ProposalBody.key(idempotencyKey);
    } catch (Bounds.OutOfBounds e) {
      return Uni.createFrom().item(notABatch(e).response());
    }
    Optional<Problem> tooMany = limits.countEach(routing, caller, sent.size());
    if (tooMany.isPresent()) {
      return Uni.createFrom().item(tooMany.get().response());
    }
    List<Read> all = new ArrayList<>();
    for (int i = 0; i < sent.size(); i++) {
      int place = i;
      all.add(read(caller, sent.get(i), key.map(it -> it.at(place))));
    }
    return batch(all, caller).chain(batch -> propose(all, batch.orElse(null), traceparent));
  }

  private static Problem notABatch(Bounds.OutOfBounds why) {
    return why.code().equals("too-large")
        ? Problem.tooLarge("A batch", BatchBody.MAX_BYTES)
        : Problem.of(400, why.code(), "Not a batch", why.sentence() + ".");
  }

  private Read read(Caller caller, byte[] sent, Optional<IdempotencyKey> key) {
    try {
      ActionProposed proposal =
          ProposalBody.dated(ProposalBody.readUnder(key, caller, sent), clock);
      // Now, while it is not counted among those that belong together.
      ActionProposed _ = ProposalBody.fitting(ProposalBody.in(ANY_BATCH, proposal));
      return caller
          .objection(proposal.agent(), proposal.tool())
          .<Read>map(it -> new Read.Unfit(Problem.forbidden(it).about(proposal.actionId())))
          .orElseGet(() -> new Read.Fit(proposal));
    } catch (Bounds.OutOfBounds e) {
      return new Read.Unfit(Answers.invalid(e));
    }
  }

  /// What those belong to that name no batch: only what is proposed counts, for approvers wait
  /// until the set is whole. An id that is taken while they are being proposed still does.
  private Uni<Optional<Batch>> batch(List<Read> all, Caller caller) {
    Set<ActionId> ids = new HashSet<>();
    for (Read each : all) {
      if (each instanceof Read.Fit it && it.proposal().batch() == null) {
        ids.add(it.proposal().actionId());
      }
    }
    if (ids.isEmpty()) {
      return Uni.createFrom().item(Optional.empty());
    }
    String id = batchId(caller, ids);
    return proposeActions
        .outside(id, ids)
        .map(outside -> ids.size() - outside.size())
        .map(size -> size == 0 ? Optional.empty() : Optional.of(new Batch(id, size)));
  }

  /// The same for a retry, whose actions are the same; another where one was corrected meanwhile,
  /// since those before it stand in a set that is whole.
  static String batchId(Caller caller, Set<ActionId> ids) {
    return new IdempotencyKey(
            ids.stream()
                .map(ActionId::toString)
                .sorted()
                .collect(Collectors.joining(" ", "batch ", "")))
        .actionId(String.valueOf(caller.agentId()), caller.platform())
        .toString();
  }

  private Uni<Response> propose(
      List<Read> all, @Nullable Batch batch, @Nullable String traceparent) {
    List<Uni<Answer>> answers = new ArrayList<>();
    for (Read each : all) {
      answers.add(
          switch (each) {
            case Read.Fit it -> answer(ProposalBody.in(batch, it.proposal()), traceparent);
            case Read.Unfit it -> Uni.createFrom().item(Answer.of(it.problem()));
          });
    }
    return Uni.join()
        .all(answers)
        .andFailFast()
        .map(each ->
            Response.ok(EventJson.write(new BatchAnswers(batch, each)))
                .header("Cache-Control", "no-store")
                .build());
  }

  private Uni<Answer> answer(ActionProposed proposal, @Nullable String traceparent) {
    return proposeActions
        .propose(proposal, traceparent)
        .map(outcome ->
            switch (outcome) {
              case ProposeActions.Outcome.Taken it ->
                  new Answer(
                      it.progress().status().isFinal() ? 200 : 202,
                      ActionState.of(it.progress()),
                      null);
              case ProposeActions.Outcome.Conflict it -> Answer.of(Answers.conflict(it.progress()));
            })
        .onFailure(Unavailable.class)
        .recoverWithItem(it -> Answer.of(Problems.unavailable(it).about(proposal.actionId())));
  }
}
