package dev.countersign.executor.application;

import dev.countersign.events.ActionId;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.messaging.OwnContext;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/// Waits, for executions of this process, until what their systems say is written down. Whichever
/// executor reads a reply writes it; so the database is asked, and nobody is told.
@ApplicationScoped
public class AwaitReplies {

  private static final Logger LOG = Logger.getLogger(AwaitReplies.class);
  // What another executor read is seen this much later; what this one read, at once.
  private static final Duration POLL = Duration.ofSeconds(1);

  private final Replies replies;
  private final Vertx vertx;
  private final Context context;
  private final Map<ActionId, CompletableFuture<Outcome>> waiting = new ConcurrentHashMap<>();
  private long timer;
  private boolean looking;
  private boolean again;

  @Inject
  AwaitReplies(Replies replies, Vertx vertx) {
    this.replies = replies;
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
  }

  void onStart(@Observes StartupEvent event) {
    timer = vertx.setPeriodic(POLL.toMillis(), _ -> look());
  }

  @PreDestroy
  void close() {
    vertx.cancelTimer(timer);
  }

  /// How it ended; empty where that is not known within this time.
  public Uni<Outcome> of(ActionId actionId, Duration within, Outcome otherwise) {
    CompletableFuture<Outcome> future = new CompletableFuture<>();
    waiting.put(actionId, future);
    // It may have been written between the sending and now.
    look();
    return Uni.createFrom()
        .completionStage(future)
        .ifNoItem()
        .after(within)
        .recoverWithItem(otherwise)
        .onTermination()
        .invoke(() -> waiting.remove(actionId, future));
  }

  /// Something may have been written.
  public void look() {
    context.runOnContext(_ -> {
      if (looking) {
        again = true;
      } else if (!waiting.isEmpty()) {
        looking = true;
        again = false;
        find();
      }
    });
  }

  private void find() {
    Set<ActionId> asked = Set.copyOf(waiting.keySet());
    Uni.createFrom()
        .deferred(() -> replies.find(asked))
        .runSubscriptionOn(OwnContext.of(context))
        .emitOn(task -> context.runOnContext(_ -> task.run()))
        .subscribe()
        .with(
            found -> {
              found.forEach(this::arrived);
              looked();
            },
            failure -> {
              LOG.warnf("Outcomes could not be read and are asked for again cause=%s", failure);
              looked();
            });
  }

  private void arrived(ActionId actionId, Outcome outcome) {
    CompletableFuture<Outcome> future = waiting.remove(actionId);
    if (future != null) {
      future.complete(outcome);
    }
  }

  private void looked() {
    looking = false;
    if (again) {
      look();
    }
  }
}
