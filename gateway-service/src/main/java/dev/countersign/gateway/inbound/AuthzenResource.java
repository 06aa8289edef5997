package dev.countersign.gateway.inbound;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.events.Reason;
import dev.countersign.gateway.application.Policies;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.gateway.domain.Pace;
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
import java.util.ArrayList;
import java.util.List;
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

  private static final int MOST = 100;
  private static final int AT_ONCE = 4;

  /// When the rest of a list need not be asked about (AuthZEN 1.0, §7.1.2).
  private enum Semantic {
    EXECUTE_ALL,
    DENY_ON_FIRST_DENY,
    PERMIT_ON_FIRST_PERMIT;

    static Semantic of(JsonNode text) throws Bounds.OutOfBounds {
      return switch (text.asText("execute_all")) {
        case "execute_all" -> EXECUTE_ALL;
        case "deny_on_first_deny" -> DENY_ON_FIRST_DENY;
        case "permit_on_first_permit" -> PERMIT_ON_FIRST_PERMIT;
        default ->
            throw new Bounds.OutOfBounds(
                "shape",
                "options.evaluations_semantic must be execute_all, deny_on_first_deny or"
                    + " permit_on_first_permit");
      };
    }

    boolean endsAt(boolean decision) {
      return switch (this) {
        case EXECUTE_ALL -> false;
        case DENY_ON_FIRST_DENY -> !decision;
        case PERMIT_ON_FIRST_PERMIT -> decision;
      };
    }
  }

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
          them are the defaults; `options.evaluations_semantic` as the specification has it. \
          Without `evaluations` it is one. One that can't be read is a no that says so. Each counts \
          as a request.\
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
      description = "Not evaluations.",
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
      if (!evaluations.isArray() || evaluations.size() > MOST) {
        throw new Bounds.OutOfBounds(
            "shape", "evaluations must be an array of at most " + MOST + "; send the rest apart");
      }
      Semantic semantic = Semantic.of(asked.path("options").path("evaluations_semantic"));
      Optional<Pace.Taken> taken = limits.take(caller, evaluations.size() - 1);
      if (taken.isPresent() && !taken.get().granted()) {
        return Uni.createFrom().item(Answers.tooFast(taken.get()));
      }
      List<ObjectNode> each = new ArrayList<>();
      evaluations.forEach(it -> each.add(withDefaults(it, asked)));
      return evaluations(caller, each, semantic)
          .map(decisions -> {
            ObjectNode answer = JsonNodeFactory.instance.objectNode();
            answer.putArray("evaluations").addAll(decisions);
            return json(answer, requestId);
          });
    } catch (Bounds.OutOfBounds e) {
      return Uni.createFrom().item(invalid(e).response());
    }
  }

  private Uni<List<ObjectNode>> evaluations(
      Caller caller, List<ObjectNode> asked, Semantic semantic) {
    if (semantic != Semantic.EXECUTE_ALL) {
      return oneByOne(caller, asked, semantic, new ArrayList<>());
    }
    List<Uni<ObjectNode>> all = asked.stream().map(it -> decision(caller, it)).toList();
    return Uni.join().all(all).usingConcurrencyOf(AT_ONCE).andFailFast();
  }

  /// Up to the one that settles it.
  private Uni<List<ObjectNode>> oneByOne(
      Caller caller, List<ObjectNode> asked, Semantic semantic, List<ObjectNode> answered) {
    boolean settled =
        !answered.isEmpty() && semantic.endsAt(answered.getLast().path("decision").booleanValue());
    return settled || answered.size() == asked.size()
        ? Uni.createFrom().item(answered)
        : decision(caller, asked.get(answered.size()))
            .chain(it -> {
              answered.add(it);
              return oneByOne(caller, asked, semantic, answered);
            });
  }

  // One that can't be evaluated is a no among the others, and not the end of them.
  private Uni<ObjectNode> decision(Caller caller, ObjectNode asked) {
    try {
      ActionProposed proposal = AuthzenRequest.read(caller, asked);
      Optional<Caller.Objection> objection = caller.objection(proposal.agent(), proposal.tool());
      if (objection.isPresent()) {
        return Uni.createFrom()
            .item(
                AuthzenDecision.no(
                    "refused", new Reason(objection.get().code(), objection.get().sentence())));
      }
      return policies
          .evaluate(proposal)
          .map(evaluated ->
              switch (evaluated) {
                case Policies.Evaluated.Judged it -> AuthzenDecision.of(proposal, it.verdict());
                case Policies.Evaluated.Invalid it -> AuthzenDecision.no("refused", it.reason());
                case Policies.Evaluated.Away _ ->
                    AuthzenDecision.no(
                        "unavailable",
                        new Reason("policy-away", "the policy can't be asked now; ask again"));
              });
    } catch (Bounds.OutOfBounds e) {
      return Uni.createFrom()
          .item(AuthzenDecision.no("refused", new Reason(e.code(), e.sentence())));
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

  private static ObjectNode withDefaults(JsonNode evaluation, ObjectNode defaults) {
    ObjectNode whole = JsonNodeFactory.instance.objectNode();
    for (String each : AuthzenRequest.MEMBERS) {
      JsonNode member = evaluation.has(each) ? evaluation.get(each) : defaults.get(each);
      if (member != null) {
        whole.set(each, member);
      }
    }
    return whole;
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
