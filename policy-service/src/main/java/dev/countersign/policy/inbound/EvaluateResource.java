package dev.countersign.policy.inbound;

import dev.countersign.events.ActionProposed;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.policy.application.PolicyInForce;
import dev.countersign.policy.domain.PolicyEngine;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/// Tells what the verdict on a proposal would be. Nothing is recorded, published or done.
@Path("/v1/evaluate")
public class EvaluateResource {

  private static final String PROBLEM = "application/problem+json";

  private final PolicyInForce policy;
  private final Clock clock = Clock.systemUTC();

  @Inject
  EvaluateResource(PolicyInForce policy) {
    this.policy = policy;
  }

  @POST
  @Blocking
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces({MediaType.APPLICATION_JSON, PROBLEM})
  @Operation(summary = "The verdict that a proposal would get; nothing happens")
  @APIResponse(responseCode = "200", description = "A verdict's data")
  @APIResponse(responseCode = "400", description = "Not a proposal; the problem says why")
  @APIResponse(responseCode = "413", description = "More than 64 KiB")
  @APIResponse(responseCode = "503", description = "No policy is in force yet")
  public Response evaluate(byte[] body) {
    ActionProposed proposal;
    try {
      proposal = ActionProposed.read(body);
    } catch (Bounds.OutOfBounds e) {
      int status = e.code().equals("too-large") ? 413 : 400;
      return problem(status, e.code(), "The proposal can't be read", e.sentence());
    }
    Optional<PolicyEngine> engine = policy.find();
    if (engine.isEmpty()) {
      return problem(
          503,
          "no-policy",
          "No policy is in force",
          policy.problem().orElse("The operator's files have not been read yet; try again."));
    }
    return Response.ok(EventJson.write(engine.get().evaluate(proposal, clock.instant())))
        .type(MediaType.APPLICATION_JSON)
        .build();
  }

  private static Response problem(int status, String code, String title, String detail) {
    Map<String, Object> problem = new LinkedHashMap<>();
    problem.put("type", "urn:countersign:problem:" + code);
    problem.put("title", title);
    problem.put("status", status);
    problem.put("detail", detail);
    return Response.status(status).type(PROBLEM).entity(EventJson.write(problem)).build();
  }
}
