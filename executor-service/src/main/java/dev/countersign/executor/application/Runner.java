package dev.countersign.executor.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.events.Reason;
import dev.countersign.events.Tool;
import dev.countersign.executor.domain.Connectors;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.Promised;
import dev.countersign.executor.domain.RunConnector;
import dev.countersign.messaging.OwnContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/// Runs what is ready: intent, effect, outcome, in that order.
///
/// ```
///  claim (commit) ──► effects, side by side ──► outcomes, set-wise with their events (commit)
///     ▲    intent         at most `concurrency`        │
///     └──────────────── room again ◄───────────────────┘
/// ```
///
/// If the process dies before the claim commits, nothing happened and another instance claims;
/// after it, the lease lapses and the answer is `unknown`, unless the connector is idempotent;
/// after the outcome commits, the relay publishes it.
///
/// All its state belongs to one event loop, so there is nothing to lock. Several runners, in one
/// process or many, share the work through the database.
public final class Runner {

  /// How often this looks around by itself, and how long what it claims is its own.
  ///
  /// @param poll how long a row of another instance's listener can lie unseen
  public record Rhythm(Duration poll, Duration sweep, Duration lease) {}

  private static final Logger LOG = Logger.getLogger(Runner.class);
  private static final Duration MOMENT = Duration.ofMillis(8);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(250);
  // Outcomes that the database has not taken yet; beyond it nothing new is begun.
  private static final int MOST_UNWRITTEN = 2_000;

  private final String instance;
  private final Executions executions;
  private final Effects effects;
  private final Catalogue catalogue;
  private final OpenConnectors connectors;
  private final UnreadReplies unread;
  private final Rhythm rhythm;
  private final Vertx vertx;
  private final Context context;
  private final List<Long> timers = new ArrayList<>();

  private final LastLooks looks;
  // Of one action there can be two: the first attempt's lease lapsed, and we claimed the second.
  private final Map<Begun.Attempt, Held> held = new LinkedHashMap<>();
  private final Map<Tool, Integer> underWay = new HashMap<>();
  private List<Executions.Finish> unwritten = new ArrayList<>();
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();
  // The entries in connectors.yaml of which something may be ready. Each by itself: what is left
  // behind for want of room is not forgotten because others had room and nothing was there.
  private final Set<Tool> maybeMore = new HashSet<>();
  private boolean claiming;
  private boolean writing;
  private boolean settling;
  private boolean sweeping;
  private boolean stopping;

  /// @param instance the name of this run of it, never used before
  public Runner(
      String instance,
      Executions executions,
      Effects effects,
      Catalogue catalogue,
      OpenConnectors connectors,
      UnreadReplies unread,
      Rhythm rhythm,
      Vertx vertx) {
    this.instance = instance;
    this.executions = executions;
    this.effects = effects;
    this.catalogue = catalogue;
    this.connectors = connectors;
    this.unread = unread;
    this.rhythm = rhythm;
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.looks = new LastLooks(instance, executions, vertx, context, () -> held.size() == 1);
  }

  public void start() {
    context.runOnContext(_ -> {
      every(rhythm.poll, this::look);
      every(rhythm.lease.dividedBy(3), this::renew);
      every(rhythm.sweep, this::sweep);
      look();
      sweep();
    });
  }

  /// There may be something ready.
  public void wake() {
    context.runOnContext(_ -> look());
  }

  /// Begins nothing more; completes when all that was begun is written.
  public CompletableFuture<Void> stop() {
    context.runOnContext(_ -> {
      stopping = true;
      endIfIdle();
    });
    return stopped;
  }

  private void every(Duration period, Runnable task) {
    timers.add(vertx.setPeriodic(period.toMillis(), _ -> context.runOnContext(_ -> task.run())));
  }

  private void look() {
    maybeMore.addAll(connectors.current().run().keySet());
    claim();
  }

  private void claim() {
    if (maybeMore.isEmpty() || claiming || stopping || unwritten.size() > MOST_UNWRITTEN) {
      return;
    }
    Connectors current = connectors.current();
    List<Executions.Room> rooms = rooms(current);
    if (rooms.isEmpty()) {
      return;
    }
    claiming = true;
    rooms.forEach(room -> maybeMore.remove(room.tool()));
    long before = System.nanoTime();
    inDatabase(
        () -> executions.claim(instance, rooms, rhythm.lease),
        claimed -> {
          claiming = false;
          claimed.forEach(each -> begin(new Held(each, before, surely())));
          maybeMore.addAll(full(rooms, claimed, current));
          claim();
          endIfIdle();
        },
        failure -> {
          claiming = false;
          rooms.forEach(room -> maybeMore.add(room.tool()));
          LOG.warnf("Claiming failed and is tried again cause=%s", failure.toString());
          endIfIdle();
        });
  }

  /// The entries whose claim was full and may have left the rest behind; a short one took all there
  /// was.
  private static Set<Tool> full(
      List<Executions.Room> rooms, List<Begun> claimed, Connectors current) {
    Map<Tool, Long> taken =
        claimed.stream()
            .collect(
                Collectors.groupingBy(each -> current.entry(each.tool()), Collectors.counting()));
    return rooms.stream()
        .filter(room -> taken.getOrDefault(room.tool(), 0L) >= room.room())
        .map(Executions.Room::tool)
        .collect(Collectors.toSet());
  }

  private List<Executions.Room> rooms(Connectors current) {
    List<Executions.Room> rooms = new ArrayList<>();
    current
        .run()
        .forEach((tool, connector) -> {
          int room = connector.concurrency() - underWay(tool, current);
          if (room > 0 && maybeMore.contains(tool)) {
            rooms.add(new Executions.Room(tool, room, connector.idempotent(), current.ownIn(tool)));
          }
        });
    return rooms;
  }

  private int underWay(Tool entry, Connectors current) {
    return underWay.entrySet().stream()
        .filter(each -> current.entry(each.getKey()).equals(entry))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  /// Others wait for the whole lease: what is left of it is for what was begun at the end of ours.
  private Duration surely() {
    return rhythm.lease.multipliedBy(2).dividedBy(3);
  }

  private void begin(Held hold) {
    Begun begun = hold.begun();
    held.put(begun.key(), hold);
    underWay.merge(begun.tool(), 1, Integer::sum);
    outcome(hold)
        .onFailure()
        .recoverWithItem(failure -> {
          LOG.errorf(failure, "Effect broke off actionId=%s", begun.actionId());
          return Outcome.unknown(
              "executor-error",
              "The executor failed while it ran this. Look at the target whether it took"
                  + " effect.");
        })
        .emitOn(task -> context.runOnContext(_ -> task.run()))
        .subscribe()
        .with(outcome -> end(begun, outcome));
  }

  private Uni<Outcome> outcome(Held hold) {
    Begun begun = hold.begun();
    Optional<RunConnector> connector = connectors.current().findRun(begun.tool());
    if (begun.attempt() > 1 && !connector.map(RunConnector::idempotent).orElse(false)) {
      // It was idempotent when it was begun, and the operator has changed that since.
      return Uni.createFrom()
          .item(
              Outcome.unknown(
                  "interrupted",
                  "It was cut off after it had begun, and its connector is not idempotent any more."
                      + " Look at the target whether it took effect."));
    }
    if (connector.isEmpty()) {
      return Uni.createFrom()
          .item(
              Outcome.failed(
                  "no-connector",
                  "Its connector was taken out of connectors.yaml, or hands it to somebody else now;"
                      + " nothing was run."));
    }
    // What the entry asks for now: it may have been raised since the decision came.
    Optional<Reason> missing = connector.get().requires().missing(begun.approvers());
    if (missing.isPresent()) {
      return Uni.createFrom().item(Outcome.refused(missing.get()));
    }
    Promised promised = begun.promised();
    Optional<Reason> misfit =
        promised == null ? Optional.empty() : promised.misfit(connector.get().preconditions());
    if (misfit.isPresent()) {
      return Uni.createFrom().item(Outcome.refused(misfit.get()));
    }
    Digest judgedAs = begun.toolDigest();
    return judgedAs == null
        ? effects.perform(begun, connector.get(), looks.of(hold))
        : catalogue
            .standing(begun.tool(), judgedAs)
            .chain(standing ->
                switch (standing) {
                  case Catalogue.Objection it -> Uni.createFrom().item(it.why());
                  case Catalogue.AsJudged it ->
                      effects.perform(begun.pinned(it.pin()), connector.get(), looks.of(hold));
                });
  }

  private void end(Begun begun, Outcome outcome) {
    underWay.computeIfPresent(begun.tool(), (_, many) -> many == 1 ? null : many - 1);
    unwritten.add(new Executions.Finish(begun, outcome.afterAttempt(begun.attempt())));
    settleSoon();
  }

  /// Writes what ended, and fills the places that are free, a moment later: under load many end
  /// within that moment, and one transaction serves them all. Where nothing else is under way
  /// nothing can join it, and it does not wait.
  private void settleSoon() {
    if (settling) {
      return;
    }
    if (underWay.isEmpty()) {
      write();
      claim();
      return;
    }
    settling = true;
    vertx.setTimer(
        MOMENT.toMillis(),
        _ ->
            context.runOnContext(_ -> {
              settling = false;
              write();
              claim();
            }));
  }

  private void write() {
    if (writing || unwritten.isEmpty()) {
      return;
    }
    writing = true;
    List<Executions.Finish> batch = unwritten;
    unwritten = new ArrayList<>();
    inDatabase(
        () -> executions.finish(instance, batch),
        _ -> {
          writing = false;
          batch.forEach(each -> held.remove(each.begun().key()));
          if (!unwritten.isEmpty()) {
            settleSoon();
          }
          // What could not be claimed for all that was unwritten can be now.
          claim();
          endIfIdle();
        },
        failure -> {
          LOG.warnf(
              "Outcomes could not be written and are tried again count=%d cause=%s",
              batch.size(), failure.toString());
          batch.addAll(unwritten);
          unwritten = batch;
          // Still `writing` during the pause, so that nothing else tries meanwhile.
          vertx.setTimer(
              PAUSE_AFTER_FAILURE.toMillis(),
              _ ->
                  context.runOnContext(_ -> {
                    writing = false;
                    write();
                  }));
        });
  }

  /// Also while earlier ones are not answered, however many: each may be on a connection that is
  /// silent, which ends only after two minutes and is nobody else's until then, and others judge
  /// after a lease. What comes of one later than that changes nothing, and whose lease is not
  /// extended by then begins nothing ([Held]).
  private void renew() {
    if (held.isEmpty()) {
      return;
    }
    Set<ActionId> ids = heldIds();
    long before = System.nanoTime();
    inDatabase(
        () -> executions.renew(instance, ids, rhythm.lease),
        renewed ->
            // An attempt that another followed is told by its last look that it is over.
            held.forEach((attempt, hold) -> {
              if (renewed.contains(attempt.actionId())) {
                hold.renewed(before, surely());
              }
            }),
        failure -> LOG.warnf("Leases could not be renewed cause=%s", failure.toString()));
  }

  private void sweep() {
    if (sweeping || stopping) {
      return;
    }
    sweeping = true;
    Set<ActionId> ids = heldIds();
    inDatabase(
        () -> executions.sweep(instance, ids, unread.mayBe()),
        _ -> sweeping = false,
        failure -> {
          sweeping = false;
          LOG.warnf("Sweeping failed and is tried again cause=%s", failure.toString());
        });
  }

  private Set<ActionId> heldIds() {
    return held.keySet().stream()
        .map(Begun.Attempt::actionId)
        .collect(Collectors.toUnmodifiableSet());
  }

  private void endIfIdle() {
    if (stopping && held.isEmpty() && !claiming) {
      timers.forEach(vertx::cancelTimer);
      timers.clear();
      stopped.complete(null);
    }
  }

  /// What comes of it is handled on the runner's context.
  private <T> void inDatabase(Supplier<Uni<T>> work, Consumer<T> done, Consumer<Throwable> failed) {
    Uni.createFrom()
        .<T>deferred(work::get)
        .runSubscriptionOn(OwnContext.of(context))
        .emitOn(task -> context.runOnContext(_ -> task.run()))
        .subscribe()
        .with(done, failed);
  }
}
