package dev.countersign.policy.inbound;

import dev.countersign.events.ActionProposed;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.events.Verdict;
import dev.countersign.messaging.Unavailable;
import dev.countersign.policy.application.PolicyInForce;
import dev.countersign.policy.application.ShowPreconditions;
import dev.countersign.policy.domain.PolicyEngine;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.TimeoutException;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/// Tells what the verdict on a proposal would be. Nothing is recorded, published or done.
@Path("/v1/evaluate")
public class EvaluateResource {

  private static final Duration LONGEST = Duration.ofSeconds(20);

  private final PolicyInForce policy;
  private final ShowPreconditions preconditions;
  private final Clock clock = Clock.systemUTC();

  @Inject
  EvaluateResource(PolicyInForce policy, ShowPreconditions preconditions) {
    this.policy = policy;
    this.preconditions = preconditions;
  }

  @POST
  @Blocking
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces({MediaType.APPLICATION_JSON, Problems.MEDIA_TYPE})
  @Operation(summary = "The verdict that a proposal would get; nothing happens")
  @APIResponse(responseCode = "200", description = "A verdict's data")
  @APIResponse(responseCode = "400", description = "Not a proposal; the problem says why")
  @APIResponse(responseCode = "413", description = "More than 64 KiB")
  @APIResponse(
      responseCode = "503",
      description =
          "No policy is in force yet, or the executor is away that reads what the action rests on")
  public Response evaluate(byte[] body) {
    ActionProposed proposal;
    try {
      proposal = ActionProposed.read(body);
    } catch (Bounds.OutOfBounds e) {
      int status = e.code().equals("too-large") ? 413 : 400;
      return Problems.of(status, e.code(), "The proposal can't be read", e.sentence());
    }
    Optional<PolicyEngine> engine = policy.find();
    if (engine.isEmpty()) {
      return Problems.noPolicy(policy);
    }
    Verdict verdict = engine.get().evaluate(proposal, clock.instant());
    if (engine.get().restsOnPreconditions(proposal.tool())) {
      try {
        verdict = preconditions.of(verdict).await().atMost(LONGEST);
      } catch (Unavailable | TimeoutException e) {
        return Problems.of(
            503,
            "executor-away",
            "The executor is away",
            "It reads what this action rests on, and could not be asked; try again.");
      }
    }
    return Response.ok(EventJson.write(verdict)).type(MediaType.APPLICATION_JSON).build();
  }
}
