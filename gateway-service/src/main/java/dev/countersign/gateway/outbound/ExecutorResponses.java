package dev.countersign.gateway.outbound;

import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.application.Responses;
import dev.countersign.gateway.domain.TargetResponse.Missing;
import dev.countersign.messaging.Neighbour;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// Asks the executor: `GET /v1/executions/{actionId}/response`.
@ApplicationScoped
class ExecutorResponses implements Responses {

  private static final Logger LOG = Logger.getLogger(ExecutorResponses.class);
  private static final Duration TO_CONNECT = Duration.ofSeconds(1);
  // An agent waits for this, and how the action ended is known already.
  private static final Duration TO_ANSWER = Duration.ofSeconds(2);
  private static final int LARGEST = 64 * 1024;

  private final URI address;
  private final Neighbour executor = new Neighbour(TO_CONNECT, TO_ANSWER, LARGEST);

  @Inject
  ExecutorResponses(@ConfigProperty(name = "countersign.executor.url") URI executor) {
    this.address = executor;
  }

  @Override
  public Uni<Kept> find(ActionId actionId) {
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve("/v1/executions/" + actionId + "/response")).build();
    return Uni.createFrom()
        .completionStage(() -> executor.ask(request))
        .map(ExecutorResponses::kept)
        .onFailure()
        .recoverWithItem(failure -> {
          LOG.warnf(
              "The executor could not be asked for a response actionId=%s cause=%s",
              actionId, failure.toString());
          return new Kept.Gone(Missing.AWAY);
        });
  }

  private static Kept kept(HttpResponse<byte[]> answer) {
    return switch (answer.statusCode()) {
      case 200 ->
          new Kept.Body(
              answer.headers().firstValue("content-type").orElse("application/octet-stream"),
              answer.body());
      case 404 -> new Kept.Nothing();
      case 410 ->
          new Kept.Gone(
              EventJson.readTree(answer.body()).path("type").asText().endsWith(":too-large")
                  ? Missing.TOO_LARGE
                  : Missing.GONE);
      default -> new Kept.Gone(Missing.AWAY);
    };
  }
}
