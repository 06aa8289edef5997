package dev.countersign.gateway.application;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionId;
import dev.countersign.gateway.Samples;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.gateway.domain.Origin;
import dev.countersign.gateway.domain.Progress;
import dev.countersign.messaging.OwnContext;
import dev.countersign.messaging.Trace;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// Whoever follows an action is told by a reading that began after they came.
@NullMarked
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class FollowActionsTest {

  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Caller SOMEBODY = new Caller.Anonymous("127.0.0.1");

  @Inject Mutiny.SessionFactory sessions;
  @Inject Actions actions;
  @Inject Vertx vertx;

  private final CompletableFuture<Void> read = new CompletableFuture<>();
  private final CompletableFuture<Void> answers = new CompletableFuture<>();

  @Test
  void whoComesWhileAnActionIsReadThatNobodyKnewIsToldByTheNextReading() throws Exception {
    FollowActions follow = new FollowActions(sessions, slow(), vertx, 10);
    Samples sample = Samples.fresh();
    CompletableFuture<Optional<Progress>> before = first(follow, sample.actionId());
    CompletableFuture<Optional<Progress>> after;
    try {
      read.get(SOON.toSeconds(), TimeUnit.SECONDS);
      propose(sample);
      after = first(follow, sample.actionId());
      assertFalse(before.isDone(), "it is still being read");
    } finally {
      answers.complete(null);
    }

    assertEquals(Optional.empty(), before.get(SOON.toSeconds(), TimeUnit.SECONDS));
    assertEquals(
        Optional.of(sample.actionId()),
        after.get(SOON.toSeconds(), TimeUnit.SECONDS).map(Progress::actionId));
  }

  @Test
  void oneAgentTakesAQuarterOfThePlacesAndLeavesTheOthersTheRest() throws Exception {
    FollowActions follow = new FollowActions(sessions, actions, vertx, 2_000);
    Caller eager = new Caller.Known("eager", "acme", null);
    List<Cancellable> places =
        Stream.generate(() -> follow.counted(eager, Multi.createFrom().nothing()))
            .limit(500)
            .map(it -> it.subscribe().with(_ -> {}))
            .toList();

    assertTrue(follow.isFull(eager));
    assertTrue(follow.isFull(new Caller.Known("eager", "acme", Set.of("disk"))), "the same agent");
    Caller calm = new Caller.Known("calm", "acme", null);
    for (Caller each : List.of(calm, new Caller.Known("eager", "other", null), SOMEBODY)) {
      assertFalse(follow.isFull(each), each::toString);
    }
    Samples sample = Samples.fresh();
    propose(sample);
    CompletableFuture<Progress> waits = waits(follow, calm, sample.actionId());
    assertEquals(
        sample.actionId(),
        waits(follow, eager, sample.actionId()).get(SOON.toSeconds(), TimeUnit.SECONDS).actionId());
    assertFalse(waits.isDone(), "it has a place");
    waits.cancel(false);

    places.getFirst().cancel();
    assertFalse(follow.isFull(eager));
  }

  @Test
  void allWhoHaveNoNameLeaveAQuarterOfThePlacesToThoseWhoHaveOne() {
    FollowActions follow = new FollowActions(sessions, actions, vertx, 400);
    List<Cancellable> places =
        IntStream.range(0, 300)
            .mapToObj(it -> new Caller.Anonymous("192.0.2." + it))
            .map(it -> follow.counted(it, Multi.createFrom().nothing()))
            .map(it -> it.subscribe().with(_ -> {}))
            .toList();

    assertTrue(follow.isFull(SOMEBODY));
    assertFalse(follow.isFull(new Caller.Known("calm", null, null)));

    places.getFirst().cancel();
    assertFalse(follow.isFull(SOMEBODY));
  }

  /// For what never comes, longer than the test does.
  private static CompletableFuture<Progress> waits(
      FollowActions follow, Caller caller, ActionId id) {
    return follow.await(caller, id, SOON.multipliedBy(2), _ -> false).subscribeAsCompletionStage();
  }

  /// The first that is said of it; empty where nobody has heard of it.
  private static CompletableFuture<Optional<Progress>> first(FollowActions follow, ActionId id) {
    return follow
        .follow(SOMEBODY, id)
        .toUni()
        .map(Optional::ofNullable)
        .subscribeAsCompletionStage();
  }

  /// The database, whose answer takes until it is let through.
  private Actions slow() {
    return (Actions)
        Proxy.newProxyInstance(
            Actions.class.getClassLoader(),
            new Class<?>[] {Actions.class},
            (_, method, arguments) -> {
              Object result = method.invoke(actions, arguments);
              return method.getName().equals("find") ? late((Uni<?>) result) : result;
            });
  }

  private Uni<?> late(Uni<?> reading) {
    Context context = vertx.getOrCreateContext();
    return reading.call(() -> {
      read.complete(null);
      return Uni.createFrom()
          .completionStage(answers)
          .emitOn(task -> context.runOnContext(_ -> task.run()));
    });
  }

  private void propose(Samples sample) {
    Actions.Proposal proposal =
        new Actions.Proposal(
            sample.actionId(),
            Origin.of(sample.proposal().agent(), sample.proposal().tool()),
            sample.digest(),
            Trace.orNew(null),
            null);
    Uni.createFrom()
        .deferred(() ->
            sessions.withStatelessTransaction(
                session -> actions.insert(session, List.of(proposal))))
        .runSubscriptionOn(OwnContext.of(vertx.getOrCreateContext()))
        .await()
        .atMost(SOON);
  }
}
