package dev.countersign.executor.outbound;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/// Ready when connectors are in force; says too where the file on disk is not what is in force.
@Readiness
@ApplicationScoped
class ConnectorsReady implements HealthCheck {

  private final ConnectorsFile connectors;

  @Inject
  ConnectorsReady(ConnectorsFile connectors) {
    this.connectors = connectors;
  }

  @Override
  public HealthCheckResponse call() {
    HealthCheckResponseBuilder answer =
        HealthCheckResponse.named("connectors.yaml")
            .up()
            .withData("connectors", connectors.current().byTool().size())
            .withData("version", connectors.version());
    connectors.problem().ifPresent(problem -> answer.withData("problem", problem));
    return answer.build();
  }
}
