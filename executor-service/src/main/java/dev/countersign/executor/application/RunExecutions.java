package dev.countersign.executor.application;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// This process's runner. Each start is an instance of its own: what an earlier one left behind is
/// never taken for ours.
@ApplicationScoped
public class RunExecutions {

  private static final Logger LOG = Logger.getLogger(RunExecutions.class);

  private final Runner runner;
  private final Duration patience;

  @Inject
  RunExecutions(
      Executions executions,
      Effects effects,
      Catalogue catalogue,
      OpenConnectors connectors,
      UnreadReplies unread,
      Vertx vertx,
      @ConfigProperty(name = "countersign.executor.poll") Duration poll,
      @ConfigProperty(name = "countersign.executor.sweep") Duration sweep,
      @ConfigProperty(name = "countersign.executor.lease") Duration lease,
      @ConfigProperty(name = "countersign.executor.stop-within") Duration patience) {
    this.patience = patience;
    this.runner =
        new Runner(
            UUID.randomUUID().toString(),
            executions,
            effects,
            catalogue,
            connectors,
            unread,
            new Runner.Rhythm(poll, sweep, lease),
            vertx);
  }

  void onStart(@Observes StartupEvent event) {
    runner.start();
  }

  /// Something ready was committed.
  public void wake() {
    runner.wake();
  }

  void onStop(@Observes ShutdownEvent event) throws InterruptedException {
    try {
      runner.stop().get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // Their leases lapse, and another instance says that they are unknown.
      LOG.warnf("Stopped before all that was begun had ended patience=%s", patience);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
