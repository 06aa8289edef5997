package dev.countersign.executor.inbound;

import jakarta.inject.Inject;
import java.util.Set;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Says which topics of outcomes can't be read. All else is executed all the same, so it is ready.
@Readiness
class RepliesReadiness implements HealthCheck {

  private final ReplyListener listener;

  @Inject
  RepliesReadiness(ReplyListener listener) {
    this.listener = listener;
  }

  @Override
  public HealthCheckResponse call() {
    var response = HealthCheckResponse.named("replies").up();
    Set<String> barred = listener.barred();
    if (!barred.isEmpty()) {
      response.withData("unreadable", String.join(", ", barred));
    }
    return response.build();
  }
}
