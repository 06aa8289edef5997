package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Reason;
import dev.countersign.executor.application.Begun;
import dev.countersign.executor.application.Freezes;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.messaging.Failures;
import dev.countersign.messaging.OwnContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;

/// Lifts a freeze: the only effect that the executor has on itself.
@ApplicationScoped
class LiftEffects {

  private static final Duration FIRST_RETRY = Duration.ofMillis(100);
  private static final Duration SLOWEST_RETRY = Duration.ofSeconds(2);
  private static final int MOST_RETRIES = 20;

  private final Freezes freezes;
  private final Vertx vertx;

  @Inject
  LiftEffects(Freezes freezes, Vertx vertx) {
    this.freezes = freezes;
    this.vertx = vertx;
  }

  Uni<Outcome> perform(Begun begun) {
    JsonNode parameters = begun.parameters();
    ActionId freeze;
    try {
      freeze = ActionId.of(parameters.path("freeze").asText());
    } catch (IllegalArgumentException e) {
      return Uni.createFrom()
          .item(
              Outcome.refused(
                  new Reason("parameter-unfit", "The parameter freeze is no id of a freeze.")));
    }
    return Uni.createFrom()
        .deferred(() -> freezes.lift(freeze, parameters.path("frozen").asText(), begun.actionId()))
        // Lifting again changes nothing, and two admins should not have to say so twice.
        .onFailure(Failures::isAway)
        .retry()
        .withBackOff(FIRST_RETRY, SLOWEST_RETRY)
        .atMost(MOST_RETRIES)
        .runSubscriptionOn(OwnContext.of(vertx.getOrCreateContext()));
  }
}
