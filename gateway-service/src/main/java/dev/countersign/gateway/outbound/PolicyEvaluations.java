package dev.countersign.gateway.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.EventJson;
import dev.countersign.events.Reason;
import dev.countersign.events.Verdict;
import dev.countersign.gateway.application.Policies;
import dev.countersign.messaging.Neighbour;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// Asks the policy service: `POST /v1/evaluate`.
@ApplicationScoped
class PolicyEvaluations implements Policies {

  private static final Logger LOG = Logger.getLogger(PolicyEvaluations.class);
  private static final Duration TO_CONNECT = Duration.ofSeconds(1);
  // It may have the executor look at what the action rests on.
  private static final Duration TO_ANSWER = Duration.ofSeconds(25);
  private static final int LARGEST = 1024 * 1024;

  private final URI door;
  private final Neighbour policy = new Neighbour(TO_CONNECT, TO_ANSWER, LARGEST);

  @Inject
  PolicyEvaluations(@ConfigProperty(name = "countersign.policy.url") URI policy) {
    this.door = policy.resolve("/v1/evaluate");
  }

  @Override
  public Uni<Evaluated> evaluate(ActionProposed proposal) {
    HttpRequest request =
        HttpRequest.newBuilder(door)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(EventJson.write(proposal)))
            .build();
    return Uni.createFrom()
        .completionStage(() -> policy.ask(request))
        .map(PolicyEvaluations::evaluated)
        .onFailure()
        .recoverWithItem(failure -> {
          LOG.warnf(
              "The policy service could not be asked actionId=%s cause=%s",
              proposal.actionId(), failure.toString());
          return new Evaluated.Away();
        });
  }

  private static Evaluated evaluated(HttpResponse<byte[]> answer) {
    return switch (answer.statusCode()) {
      case 200 -> new Evaluated.Judged(EventJson.read(answer.body(), Verdict.class));
      case 400, 413 -> {
        JsonNode problem = EventJson.readTree(answer.body());
        String type = problem.path("type").asText();
        yield new Evaluated.Invalid(
            new Reason(type.substring(type.lastIndexOf(':') + 1), problem.path("detail").asText()));
      }
      default -> {
        LOG.warnf("The policy service answered status=%d", answer.statusCode());
        yield new Evaluated.Away();
      }
    };
  }
}
