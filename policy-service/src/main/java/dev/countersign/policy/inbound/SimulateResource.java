package dev.countersign.policy.inbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import dev.countersign.policy.application.PolicyInForce;
import dev.countersign.policy.application.Simulation;
import dev.countersign.policy.domain.PolicyEngine;
import io.smallrye.common.annotation.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jspecify.annotations.Nullable;

/// Tells what another policy would have said to recorded proposals. Nothing is recorded, published
/// or done, and the policy in force stays.
@ApplicationScoped
@Path("/v1/simulate")
public class SimulateResource {

  private final PolicyInForce policy;
  private final Clock clock = Clock.systemUTC();
  // It costs what judging costs, and proposals are not to wait for it.
  private final Semaphore place = new Semaphore(1);

  @Inject
  SimulateResource(PolicyInForce policy) {
    this.policy = policy;
  }

  @POST
  @Blocking
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces({MediaType.APPLICATION_JSON, Problems.MEDIA_TYPE})
  @Operation(
      summary = "What another policy would have said to recorded proposals; nothing happens",
      description =
          "`{\"policy\": …, \"tools\": …, \"proposals\": […]}`: the texts of `policy.yaml` and, where"
              + " the catalogue changes as well, `tools.yaml`; proposals as on `action-proposed`."
              + " Each is judged as of its `at`. One at a time is answered.")
  @APIResponse(
      responseCode = "200",
      description =
          "Both answers to each proposal, and how many would be another; of what is no proposal the"
              + " problem")
  @APIResponse(responseCode = "400", description = "Not of this shape; the problem says why")
  @APIResponse(
      responseCode = "413",
      description = "More than 1 MiB, or more than can be judged at a time")
  @APIResponse(
      responseCode = "422",
      description =
          "The other policy would be refused, or trying it takes too long; the problem has the line and the reason")
  @APIResponse(
      responseCode = "503",
      description = "No policy is in force yet, or another simulation is under way")
  public Response simulate(byte[] body) {
    JsonNode asked;
    try {
      asked = EventJson.readTree(body);
    } catch (IllegalArgumentException e) {
      return shape(e.getMessage());
    }
    JsonNode tools = asked.path("tools");
    if (!asked.path("policy").isTextual()
        || !(tools.isTextual() || tools.isNull() || tools.isMissingNode())
        || !asked.path("proposals").isArray()) {
      return shape(
          "send {\"policy\": the text of policy.yaml, \"proposals\": a list of proposals}, and with"
              + " \"tools\" the text of tools.yaml where that changes, too");
    }
    Optional<PolicyEngine> inForce = policy.find();
    if (inForce.isEmpty()) {
      return Problems.noPolicy(policy);
    }
    if (!place.tryAcquire()) {
      return Problems.of(
          503, "busy", "Another simulation is under way", "One at a time; try again in a moment.");
    }
    try {
      return switch (policy.tried(tools.textValue(), asked.path("policy").textValue())) {
        case PolicyInForce.Bad bad ->
            Problems.of(422, "policy-refused", "This policy would be refused", bad.problem());
        case PolicyInForce.Good good -> simulate(inForce.get(), good.engine(), asked);
      };
    } finally {
      place.release();
    }
  }

  private Response simulate(PolicyEngine inForce, PolicyEngine candidate, JsonNode asked) {
    try {
      Simulation simulation =
          Simulation.of(inForce, candidate, asked.path("proposals"), clock.instant());
      return Response.ok(EventJson.write(simulation)).type(MediaType.APPLICATION_JSON).build();
    } catch (Simulation.TooMuch e) {
      return Problems.of(413, "too-much", "That is too much at a time", e.sentence());
    }
  }

  private static Response shape(@Nullable String detail) {
    return Problems.of(400, "shape", "The request can't be read", String.valueOf(detail));
  }
}
