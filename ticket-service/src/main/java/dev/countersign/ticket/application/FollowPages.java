package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.messaging.OwnContext;
import dev.countersign.messaging.Unavailable;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/// Tells open pages that what they show has changed. Nobody who waits holds a thread or a
/// connection: once a second one look at the database for each kind of page that anybody has open
/// serves all of that kind, whichever instance made the change. A kind that is slow or fails keeps
/// no other from its news.
@ApplicationScoped
public class FollowPages {

  private static final Logger LOG = Logger.getLogger(FollowPages.class);
  private static final Duration NET = Duration.ofSeconds(1);

  /// What a page shows.
  public sealed interface Followed {
    record OneTicket(ActionId actionId) implements Followed {}

    record InboxOf(String approver) implements Followed {}

    record OneSet(Watch.SetOf set) implements Followed {}

    record TrustOf(String approver) implements Followed {}

    record AttentionOf(String approver) implements Followed {}

    record PasskeysOf(String approver) implements Followed {}
  }

  /// How it stands: another `mark` says that it has changed. `now` is the database's clock.
  public record Sight(String mark, Instant now) {}

  private record Waiter(String mark, long until, UniEmitter<? super Sight> emitter) {}

  private final ReadMarks marks;
  private final Vertx vertx;
  private final Context root;
  private final Map<Followed, Set<Waiter>> waiting = new ConcurrentHashMap<>();
  private final Set<Class<?>> looking = ConcurrentHashMap.newKeySet();

  @Inject
  FollowPages(ReadMarks marks, Vertx vertx) {
    this.marks = marks;
    this.vertx = vertx;
    this.root = vertx.getOrCreateContext();
    vertx.setPeriodic(NET.toMillis(), _ -> look());
  }

  /// What says how it stands now.
  public Uni<String> mark(Followed followed) {
    return now(followed).map(Sight::mark);
  }

  private Uni<Sight> now(Followed followed) {
    return marks.now(Set.of(followed)).map(sights -> Objects.requireNonNull(sights.get(followed)));
  }

  /// How it stands when that is no longer what this mark says, or when this long has passed. Fails
  /// with {@link Unavailable} where that cannot be read now.
  public Uni<Sight> await(Followed followed, String mark, Duration most) {
    if (most.isZero()) {
      return now(followed);
    }
    Context caller = vertx.getOrCreateContext();
    long until = System.nanoTime() + most.toNanos();
    return Uni.createFrom()
        .<Sight>emitter(emitter -> wait(followed, new Waiter(mark, until, emitter)))
        .emitOn(task -> caller.runOnContext(_ -> task.run()));
  }

  private void wait(Followed followed, Waiter waiter) {
    waiting.compute(
        followed,
        (_, set) -> {
          Set<Waiter> all = set == null ? ConcurrentHashMap.newKeySet() : set;
          all.add(waiter);
          return all;
        });
    waiter.emitter.onTermination(() -> stop(followed, waiter));
  }

  private void stop(Followed followed, Waiter waiter) {
    waiting.computeIfPresent(
        followed,
        (_, set) -> {
          set.remove(waiter);
          return set.isEmpty() ? null : set;
        });
  }

  private void look() {
    waiting.keySet().stream()
        .collect(Collectors.groupingBy(Object::getClass, Collectors.toSet()))
        .forEach(this::look);
  }

  private void look(Class<?> kind, Set<Followed> followed) {
    // One look at a time: a slow database is not asked again before it has answered.
    if (!looking.add(kind)) {
      return;
    }
    Uni.createFrom()
        .deferred(() -> marks.now(followed))
        .runSubscriptionOn(OwnContext.of(root))
        .onTermination()
        .invoke(() -> looking.remove(kind))
        .subscribe()
        .with(this::tell, failure -> fail(kind, followed, failure));
  }

  private void tell(Map<Followed, Sight> sights) {
    long now = System.nanoTime();
    sights.forEach((followed, sight) ->
        waiting.getOrDefault(followed, Set.of()).stream()
            .filter(each -> !each.mark.equals(sight.mark()) || now - each.until >= 0)
            .forEach(each -> each.emitter.complete(sight)));
  }

  /// Whoever waits asks again in a while.
  private void fail(Class<?> kind, Set<Followed> all, Throwable failure) {
    LOG.warnf(
        "Open pages could not be looked after kind=%s cause=%s",
        kind.getSimpleName(), failure.toString());
    Unavailable away = new Unavailable("how it stands could not be read", failure);
    all.stream()
        .flatMap(followed -> waiting.getOrDefault(followed, Set.of()).stream())
        .forEach(each -> each.emitter.fail(away));
  }
}
