package dev.countersign.gateway.inbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.application.Policies;
import dev.countersign.gateway.domain.Caller;
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
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// AuthZEN's Authorization API 1.0 in front of the policy: what it would say, and nothing happens.
/// A yes here is no grant; the executor runs nothing on it.
@Path("/access/v1")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "authzen", description = "OpenID AuthZEN Authorization API 1.0.")
class AuthzenResource {

  /// For a list of evaluations: a little more than for one.
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final Policies policies;
  private final RateLimits limits;
  private final RoutingContext routing;

  @Inject
  AuthzenResource(Policies policies, RateLimits limits, RoutingContext routing) {
    this.policies = policies;
    this.limits = limits;
    this.routing = routing;
  }

  @POST
  @Path("evaluation")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "evaluate",
      summary = "Whether an action would be allowed at once",
      description =
          """
          `subject` is the agent (`type` agent), `action.name` the tool, `resource` the toolset \
          (`type` toolset) with the parameters as its `properties`. `decision` is true only where \
          the policy allows it without asking anybody. Where people must be asked, it is false, and \
          `context.request` is the proposal to send. Nothing is proposed, and a yes is no grant.\
          """)
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(type = SchemaType.OBJECT)))
  @APIResponse(responseCode = "200", description = "`decision` and `context`.")
  @APIResponse(
      responseCode = "400",
      description = "Not an evaluation.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @APIResponse(
      responseCode = "403",
      description =
          "It is about another agent than the credential, or a toolset that this is not good for.",
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
      description = "The policy can't be asked now; take it for a no.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  public Uni<Response> evaluation(
      @HeaderParam("X-Request-ID") @Nullable String requestId, byte @Nullable [] body) {
    try {
      return evaluated(Callers.of(routing), tree(body), requestId);
    } catch (Bounds.OutOfBounds e) {
      return Uni.createFrom().item(invalid(e).response());
    }
  }

  @POST
  @Path("evaluations")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "evaluateAll",
      summary = "The same for several at once",
      description =
          """
          1 to 100 `evaluations`, for which `subject`, `action`, `resource` and `context` beside \
          them are the defaults, 1,000,000 bytes at most with these; \
          `options.evaluations_semantic` as the specification has it. Without `evaluations` it is \
          one. One that can't be read is a no that says so, and so is what the policy has not \
          judged after 30 seconds. Each counts as a request.\
          """)
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(type = SchemaType.OBJECT)))
  @APIResponse(responseCode = "200", description = "`evaluations`, in the same order.")
  @APIResponse(
      responseCode = "400",
      description = "Not evaluations, or more than may come at once (`too-many`).",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @APIResponse(
      responseCode = "403",
      description = "As for one, where it is one.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @APIResponse(
      responseCode = "413",
      description = "More than 64 KiB, or than 1,000,000 bytes with the defaults.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  @APIResponse(
      responseCode = "503",
      description = "As for one, where it is one.",
      content =
          @Content(
              mediaType = Problem.MEDIA_TYPE,
              schema = @Schema(implementation = Problem.class)))
  public Uni<Response> evaluations(
      @HeaderParam("X-Request-ID") @Nullable String requestId, byte @Nullable [] body) {
    Caller caller = Callers.of(routing);
    try {
      ObjectNode asked = tree(body);
      JsonNode evaluations = asked.path("evaluations");
      if (evaluations.isMissingNode() || evaluations.isEmpty()) {
        return evaluated(caller, asked, requestId);
      }
      AuthzenEvaluations all = AuthzenEvaluations.read(asked);
      Optional<Problem> tooMany = limits.countEach(routing, caller, all.asked().size());
      if (tooMany.isPresent()) {
        return Uni.createFrom().item(tooMany.get().response());
      }
      return all.decisions(policies, caller, LONGEST)
          .map(decisions -> {
            ObjectNode answer = JsonNodeFactory.instance.objectNode();
            answer.putArray("evaluations").addAll(decisions);
            return json(answer, requestId);
          });
    } catch (Bounds.OutOfBounds e) {
      return Uni.createFrom().item(invalid(e).response());
    }
  }

  private Uni<Response> evaluated(Caller caller, ObjectNode asked, @Nullable String requestId)
      throws Bounds.OutOfBounds {
    ActionProposed proposal = AuthzenRequest.read(caller, asked);
    Optional<Caller.Objection> objection = caller.objection(proposal.agent(), proposal.tool());
    if (objection.isPresent()) {
      return Uni.createFrom().item(Problem.forbidden(objection.get()).response());
    }
    return policies
        .evaluate(proposal)
        .map(evaluated ->
            switch (evaluated) {
              case Policies.Evaluated.Judged it ->
                  json(AuthzenDecision.of(proposal, it.verdict()), requestId);
              case Policies.Evaluated.Invalid it ->
                  Problem.of(400, it.reason().code(), "Not an evaluation", it.reason().text())
                      .response();
              case Policies.Evaluated.Away _ ->
                  Problem.of(
                          503,
                          "policy-away",
                          "Not available now",
                          "The policy can't be asked now; take it for a no, and ask again.")
                      .response();
            });
  }

  private static ObjectNode tree(byte @Nullable [] body) throws Bounds.OutOfBounds {
    byte[] sent = body == null ? new byte[0] : body;
    Bounds.check(sent);
    return (ObjectNode) EventJson.readTree(sent);
  }

  private static Problem invalid(Bounds.OutOfBounds why) {
    return why.code().equals("too-large")
        ? Problem.tooLarge("A request", Bounds.MAX_BYTES)
        : Problem.of(400, why.code(), "Not an evaluation", why.sentence() + ".");
  }

  private static Response json(ObjectNode answer, @Nullable String requestId) {
    Response.ResponseBuilder response =
        Response.ok(EventJson.write(answer)).header("Cache-Control", "no-store");
    if (requestId != null && requestId.matches("[\\x21-\\x7e]{1,200}")) {
      response.header("X-Request-ID", requestId);
    }
    return response.build();
  }
}
