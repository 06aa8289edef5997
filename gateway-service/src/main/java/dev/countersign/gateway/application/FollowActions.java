package dev.countersign.gateway.application;

import dev.countersign.events.ActionId;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.gateway.domain.Progress;
import dev.countersign.messaging.Batches;
import dev.countersign.messaging.Unavailable;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import io.smallrye.mutiny.subscription.MultiEmitter;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/// Tells whoever waits how an action gets on. Nobody who waits holds a thread or a connection: what
/// a listener has committed here wakes its followers, and once a second one query asks for all
/// actions that are followed, because another instance may have taken the event.
@ApplicationScoped
public class FollowActions {

  private static final Logger LOG = Logger.getLogger(FollowActions.class);
  private static final Duration NET = Duration.ofSeconds(1);
  private static final Duration LONGEST_READ = Duration.ofSeconds(10);
  private static final int LARGEST_BATCH = 10_000;
  private static final int SMALLEST_SHARE = 100;

  private static final class Follower {
    private final MultiEmitter<? super Progress> emitter;
    // The version it has been told; 0 until the first.
    private volatile long told;

    private Follower(MultiEmitter<? super Progress> emitter) {
      this.emitter = emitter;
    }

    private void tell(Progress progress) {
      if (progress.version() > told) {
        told = progress.version();
        emitter.emit(progress);
      }
    }
  }

  /// Of all who have no name: addresses cost nothing, and each would get a share of its own.
  private static final Caller NAMELESS = new Caller.Anonymous("");

  private final Mutiny.SessionFactory sessions;
  private final Actions actions;
  private final Batches<ActionId> reads;
  private final Map<ActionId, Set<Follower>> followers = new ConcurrentHashMap<>();
  private final int room;
  private final AtomicInteger waiting = new AtomicInteger();
  // How many of those who wait are one agent's, or have no name; absent is none.
  private final Map<Caller, Integer> waitingOf = new ConcurrentHashMap<>();

  @Inject
  FollowActions(
      Mutiny.SessionFactory sessions,
      Actions actions,
      Vertx vertx,
      @ConfigProperty(name = "countersign.agents.waiting") int room) {
    this.sessions = sessions;
    this.actions = actions;
    this.room = room;
    this.reads = new Batches<>(vertx, LARGEST_BATCH, this::read);
    vertx.setPeriodic(NET.toMillis(), _ -> changed(followers.keySet()));
  }

  /// From the start: a number that is not there could be any.
  void count(@Observes StartupEvent event, MeterRegistry meters) {
    Gauge.builder("countersign.gateway.waiting", waiting, AtomicInteger::get)
        .description("Callers whose request or stream is kept open.")
        .register(meters);
  }

  /// These actions may have changed: reads those that somebody follows.
  public void changed(Collection<ActionId> ids) {
    for (ActionId id : ids) {
      if (followers.containsKey(id)) {
        reads.add(id);
      }
    }
  }

  /// The action's progress now and after each change, of which a slow reader may miss all but the
  /// last. Completes empty where nobody has heard of the action; fails with {@link Unavailable}
  /// where it cannot be read now; never completes otherwise.
  public Multi<Progress> follow(Caller caller, ActionId id) {
    return ofCaller(caller, follow(id));
  }

  private Multi<Progress> follow(ActionId id) {
    return Multi.createFrom().emitter(emitter -> start(id, emitter), BackPressureStrategy.LATEST);
  }

  /// Whether as many wait as may, or as many of this caller: of one agent a quarter of all places,
  /// of all who have no name three quarters together, 100 at least, so that nobody takes them all.
  /// Whoever comes now is told at once how the action stands, and asks again when that says so: an
  /// answer is never lost for want of room.
  public boolean isFull(Caller caller) {
    return waiting.get() >= room || waitingOf.getOrDefault(waiter(caller), 0) >= share(caller);
  }

  private int share(Caller caller) {
    int quarter = room / 4;
    int most =
        switch (caller) {
          case Caller.Anonymous _ -> room - quarter;
          case Caller.Known _ -> quarter;
        };
    return Math.max(SMALLEST_SHARE, most);
  }

  /// This caller's stream, counted among those who wait for as long as somebody reads it.
  public <T> Multi<T> counted(Caller caller, Multi<T> stream) {
    return ofCaller(caller, stream)
        .onSubscription()
        .invoke(waiting::incrementAndGet)
        .onTermination()
        .invoke(waiting::decrementAndGet);
  }

  private <T> Multi<T> ofCaller(Caller caller, Multi<T> stream) {
    Caller waiter = waiter(caller);
    return stream
        .onSubscription()
        .invoke(() -> waitingOf.merge(waiter, 1, Integer::sum))
        .onTermination()
        .invoke(() -> waitingOf.computeIfPresent(waiter, (_, of) -> of == 1 ? null : of - 1));
  }

  /// Whose places they are.
  private static Caller waiter(Caller caller) {
    return switch (caller) {
      case Caller.Anonymous _ -> NAMELESS;
      case Caller.Known it -> it.counted();
    };
  }

  /// The action's progress when it has reached a later stage than it has now, when it is final, or
  /// when this long has passed; null where nobody has heard of it, and, at once, also where the
  /// action is another agent's. Whoever may not see it does not learn by waiting that there is
  /// something.
  public Uni<Progress> await(Caller caller, ActionId id, Duration most) {
    Predicate<Progress> later = later();
    return await(caller, id, most, it -> !caller.maySee(it.origin()) || later.test(it))
        .map(it -> it != null && caller.maySee(it.origin()) ? it : null);
  }

  /// Whether it is final or at a later stage than the first that this is asked about.
  public static Predicate<Progress> later() {
    AtomicInteger stage = new AtomicInteger();
    return it -> {
      stage.compareAndSet(0, it.status().stage());
      return it.status().isFinal() || it.status().stage() > stage.get();
    };
  }

  /// The action's progress when it is enough, or what it is when this long has passed; null where
  /// nobody has heard of it. It is for this caller to wait, and was theirs to ask for.
  public Uni<Progress> await(
      Caller caller, ActionId id, Duration most, Predicate<Progress> enough) {
    return most.isZero() || isFull(caller)
        ? now(id)
        : follow(caller, id)
            .select()
            .where(enough)
            .toUni()
            .ifNoItem()
            .after(most)
            .recoverWithUni(now(id));
  }

  /// Read once more where somebody has waited in vain, for what an action holds is kept for nobody
  /// who waits: it is many times what waiting itself takes.
  private Uni<Progress> now(ActionId id) {
    return follow(id)
        .toUni()
        .ifNoItem()
        .after(LONGEST_READ)
        .failWith(() -> new Unavailable("the action could not be read in time"));
  }

  private void start(ActionId id, MultiEmitter<? super Progress> emitter) {
    Follower follower = new Follower(emitter);
    waiting.incrementAndGet();
    followers.compute(
        id,
        (_, set) -> {
          Set<Follower> all = set == null ? ConcurrentHashMap.newKeySet() : set;
          all.add(follower);
          return all;
        });
    emitter.onTermination(() -> stop(id, follower));
    // Registered first, read second: a commit in between is in what is read.
    reads.add(id);
  }

  private void stop(ActionId id, Follower follower) {
    followers.computeIfPresent(
        id,
        (_, set) -> {
          if (set.remove(follower)) {
            waiting.decrementAndGet();
          }
          return set.isEmpty() ? null : set;
        });
  }

  private Uni<Void> read(List<ActionId> ids) {
    Map<ActionId, Long> newerThan = new HashMap<>();
    // Whoever comes while this is read has the next reading to tell them: this one may not know of
    // what they have just proposed.
    Map<ActionId, List<Follower>> strangers = new HashMap<>();
    for (ActionId id : ids) {
      List<Follower> asking = List.copyOf(followers.getOrDefault(id, Set.of()));
      asking.stream()
          .mapToLong(it -> it.told)
          .min()
          .ifPresent(it -> {
            newerThan.put(id, it);
            strangers.put(id, asking.stream().filter(each -> each.told == 0).toList());
          });
    }
    if (newerThan.isEmpty()) {
      return Uni.createFrom().voidItem();
    }
    return sessions
        .withStatelessSession(session -> actions.find(session, newerThan))
        .invoke(found -> tell(found, strangers))
        .replaceWithVoid()
        .onFailure()
        .recoverWithItem(failure -> {
          LOG.warnf("Followed actions could not be read cause=%s", failure.toString());
          Unavailable away = new Unavailable("the action could not be read", failure);
          strangers.values().forEach(each -> each.forEach(it -> it.emitter.fail(away)));
          return null;
        });
  }

  /// @param strangers those who asked for an action from the start, before it was read; those who
  ///   were told are taken out
  private void tell(List<Progress> found, Map<ActionId, List<Follower>> strangers) {
    for (Progress progress : found) {
      strangers.remove(progress.actionId());
      followers.getOrDefault(progress.actionId(), Set.of()).forEach(it -> it.tell(progress));
    }
    strangers.values().forEach(each -> each.forEach(it -> it.emitter.complete()));
  }
}
