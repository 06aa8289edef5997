package dev.countersign.executor.outbound;

import dev.countersign.executor.application.Begun;
import dev.countersign.executor.application.Effects;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.HttpConnector;
import dev.countersign.executor.domain.KafkaConnector;
import dev.countersign.executor.domain.LiftConnector;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.RunConnector;
import dev.countersign.executor.domain.ServerConnector;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/// Hands an execution to what runs its kind of connector.
@ApplicationScoped
class ConnectedEffects implements Effects {

  private final HttpEffects http;
  private final McpEffects mcp;
  private final KafkaEffects kafka;
  private final LiftEffects lift;

  @Inject
  ConnectedEffects(HttpEffects http, McpEffects mcp, KafkaEffects kafka, LiftEffects lift) {
    this.http = http;
    this.mcp = mcp;
    this.kafka = kafka;
    this.lift = lift;
  }

  @Override
  public Uni<Outcome> perform(Begun begun, RunConnector connector, LastLook look) {
    return switch (connector) {
      case HttpConnector it -> http.perform(begun, it, look);
      case ServerConnector it -> mcp.perform(begun, it, look);
      case KafkaConnector it -> kafka.perform(begun, it, look);
      case LiftConnector _ -> lift.perform(begun);
    };
  }
}
