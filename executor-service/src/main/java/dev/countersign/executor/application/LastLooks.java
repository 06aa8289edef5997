package dev.countersign.executor.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Reason;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.messaging.OwnContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/// Asks the database, for whatever is about to begin, whether it is still ours and not frozen. Many
/// begin within the same few milliseconds, and one statement serves them all; what is alone does
/// not wait for company. Where there is no answer nothing begins.
final class LastLooks {

  private static final Logger LOG = Logger.getLogger(LastLooks.class);
  private static final Duration MOMENT = Duration.ofMillis(3);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private record Asked(Held held, CompletableFuture<Optional<Outcome>> answer) {}

  private final String instance;
  private final Executions executions;
  private final Vertx vertx;
  private final Context context;
  private final BooleanSupplier alone;
  private List<Asked> asked = new ArrayList<>();

  /// @param context whose event loop all of this belongs to
  /// @param alone whether one execution alone is under way
  LastLooks(
      String instance, Executions executions, Vertx vertx, Context context, BooleanSupplier alone) {
    this.instance = instance;
    this.executions = executions;
    this.vertx = vertx;
    this.context = context;
    this.alone = alone;
  }

  LastLook of(Held held) {
    return () ->
        Uni.createFrom()
            .completionStage(() -> {
              Optional<Outcome> over = held.over(System.nanoTime());
              return over.isPresent() ? CompletableFuture.completedFuture(over) : ask(held);
            });
  }

  private CompletableFuture<Optional<Outcome>> ask(Held held) {
    CompletableFuture<Optional<Outcome>> answer = new CompletableFuture<>();
    context.runOnContext(_ -> {
      asked.add(new Asked(held, answer));
      if (alone.getAsBoolean()) {
        look();
      } else if (asked.size() == 1) {
        vertx.setTimer(MOMENT.toMillis(), _ -> context.runOnContext(_ -> look()));
      }
    });
    return answer;
  }

  private void look() {
    List<Asked> batch = asked;
    asked = new ArrayList<>();
    if (batch.isEmpty()) {
      // Whoever came alone has looked for those who came before it.
      return;
    }
    Uni.createFrom()
        .deferred(() ->
            executions.look(
                instance, batch.stream().map(each -> each.held.begun().actionId()).toList()))
        .runSubscriptionOn(OwnContext.of(context))
        .ifNoItem()
        .after(PATIENCE)
        .fail()
        .subscribe()
        .with(
            found -> batch.forEach(each -> each.answer.complete(judge(each.held, found))),
            failure -> {
              LOG.warnf(
                  "Nothing begins that could not be looked at once more count=%d cause=%s",
                  batch.size(), failure);
              batch.forEach(each -> each.answer.complete(Optional.of(away())));
            });
  }

  private static Optional<Outcome> judge(Held held, Map<ActionId, Executions.Standing> found) {
    Executions.Standing standing = found.get(held.begun().actionId());
    if (standing == null || standing.attempt() != held.begun().attempt()) {
      return Optional.of(Held.lost());
    }
    if (standing.frozen()) {
      return Optional.of(
          Outcome.refused(
              new Reason(
                  "frozen",
                  "It was frozen before it could begin. Nothing was run; once the freeze is lifted,"
                      + " propose it anew.")));
    }
    if (standing.over()) {
      return Optional.of(Held.expired());
    }
    // The answer took its time too.
    return held.over(System.nanoTime());
  }

  private static Outcome away() {
    return Outcome.failed(
        "database-away",
        "The executor could not ask once more whether it may still be run; nothing was run. Propose"
            + " it anew.");
  }
}
