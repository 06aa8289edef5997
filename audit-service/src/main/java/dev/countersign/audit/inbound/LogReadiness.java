package dev.countersign.audit.inbound;

import dev.countersign.audit.application.Integrity;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Not ready while the log is not the one that was cosigned.
@Readiness
class LogReadiness implements HealthCheck {

  private final Integrity integrity;

  @Inject
  LogReadiness(Integrity integrity) {
    this.integrity = integrity;
  }

  @Override
  public HealthCheckResponse call() {
    var response = HealthCheckResponse.named("log");
    integrity.finding().ifPresent(sentence -> response.withData("finding", sentence));
    return response.status(integrity.finding().isEmpty()).build();
  }
}
