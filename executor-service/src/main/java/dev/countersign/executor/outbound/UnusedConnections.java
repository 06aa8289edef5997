package dev.countersign.executor.outbound;

import dev.countersign.executor.application.OpenConnectors;
import dev.countersign.executor.domain.Connectors;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;

/// Lets go of what was opened for entries that were taken out of `connectors.yaml`: else a cluster
/// is connected to, a certificate kept in memory, a program run and a session held, for as long as
/// the process lives.
@ApplicationScoped
class UnusedConnections {

  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(10);

  private final OpenConnectors connectors;
  private final CommandProducers producers;
  private final HttpClients clients;
  private final StdioMcp programs;
  private final HttpMcp sessions;
  private final Vertx vertx;
  private long timer;

  @Inject
  UnusedConnections(
      OpenConnectors connectors,
      CommandProducers producers,
      HttpClients clients,
      StdioMcp programs,
      HttpMcp sessions,
      Vertx vertx) {
    this.connectors = connectors;
    this.producers = producers;
    this.clients = clients;
    this.programs = programs;
    this.sessions = sessions;
    this.vertx = vertx;
  }

  void onStart(@Observes StartupEvent event) {
    timer =
        vertx.setPeriodic(
            BETWEEN_LOOKS.toMillis(),
            // Whoever opens a connection just now holds the lock.
            _ ->
                vertx.executeBlocking(() -> {
                  look();
                  return null;
                }));
  }

  private void look() {
    Connectors now = connectors.current();
    // First: to end one its client is needed.
    sessions.keepOnly(now.mcp());
    producers.keepOnly(now.replyTopics().keySet());
    clients.keepOnly(now.tls());
    programs.keepOnly(now.programs());
  }

  @PreDestroy
  void close() {
    vertx.cancelTimer(timer);
  }
}
