package dev.countersign.messaging;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/// Notices that the database was put back from a backup, and begins a new epoch before anything is
/// read, run or shown: what is of an epoch before does not come to life again.
///
/// ```
///  start ──► restored? ──no──────────────────────────► channels, HTTP
///                │ yes                                     │
///                ▼                                         ▼ each second
///            epoch + 1, all that waits ends (commit)   restored? ──yes──► stop: the next start
///                │                                                        begins the epoch
///                ▼
///            read again what was read since the backup
/// ```
///
/// If the process dies before the commit, the next start sees the same and begins the epoch; after
/// it, the next start goes on reading again. Between the moment at which the database comes back
/// and that commit the database itself takes no change, where another server or copy of it came
/// back (`epoch_is_this`).
@ApplicationScoped
public class Epochs {

  private static final Logger LOG = Logger.getLogger(Epochs.class);
  // Channels start at 1000, everything of ours later.
  private static final int BEFORE_ALL = 1;
  private static final String NOT_RESTORED = "countersign.not-restored";
  private static final Duration GOOD_FOR = Duration.ofHours(1);
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  // Of two that start at once one begins the epoch, and the other sees it begun.
  private static final String LOCK = "select number from epoch where number = 1 for update";

  // To the second, as grants are; and past all that can have been used before: whoever signs or
  // judges has another clock, and what is signed five seconds ahead is taken. What is given within
  // these seconds is void too, and is answered so.
  private static final String FROM_NOW_ON = "date_trunc('second', now()) + interval '6 seconds'";

  private static final String BEGIN =
      """
      insert into epoch (number, why, backup, voids_before, life, kafka)
      select :number, :why, nullif(cast(:backup as text), ''), %s, life(), :kafka
      """
          .formatted(FROM_NOW_ON);

  private static final String BEGAN_EMPTY =
      "update epoch set voids_before = " + FROM_NOW_ON + " where number = 1";

  private static final String OF_KAFKA = "update epoch set kafka = :kafka where number = :number";

  private static final String SETTLED = "update epoch set settled = true where number = :number";

  private final Instance<NewEpoch> newEpoch;
  private final Positions positions;
  private final Mutiny.SessionFactory sessions;
  private final Vertx vertx;
  private final String backup;
  private final Duration watch;
  private final Config config;
  private volatile String kafka = "";

  @Inject
  Epochs(
      Instance<NewEpoch> newEpoch,
      Positions positions,
      Mutiny.SessionFactory sessions,
      Vertx vertx,
      @ConfigProperty(name = "countersign.restored") Optional<String> backup,
      @ConfigProperty(name = "countersign.epoch.watch") Duration watch,
      Config config) {
    this.newEpoch = newEpoch;
    this.positions = positions;
    this.sessions = sessions;
    this.vertx = vertx;
    this.backup = backup.map(String::strip).orElse("");
    this.watch = watch;
    this.config = config;
  }

  void onStart(@Observes @Priority(BEFORE_ALL) StartupEvent event) throws InterruptedException {
    if (!newEpoch.isResolvable()) {
      return;
    }
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        look();
        break;
      } catch (RuntimeException | ExecutionException | TimeoutException e) {
        if (System.nanoTime() - until > 0) {
          throw new IllegalStateException(
              "whether the database was put back from a backup could not be told", e);
        }
        LOG.warnf("Waits to tell whether the database was put back cause=%s", e.toString());
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
    vertx.setPeriodic(watch.toMillis(), _ -> watch());
  }

  /// Begins a new epoch if the database was put back since the last one began. Blocks.
  public void look() throws InterruptedException, ExecutionException, TimeoutException {
    kafka = positions.cluster();
    // Kafka before the database: what it says was in there by then.
    Map<TopicPartition, Long> inKafka = positions.inKafka();
    Epoch current = await(sessions.withStatelessTransaction(session -> begin(session, inKafka)));
    if (!current.settled()) {
      settle(current, inKafka);
    }
    // Otherwise a process that has read nothing yet would not miss anything.
    positions.seen(await(sessions.withStatelessSession(Positions::kept)));
  }

  private Uni<Epoch> begin(Mutiny.StatelessSession session, Map<TopicPartition, Long> inKafka) {
    return session
        .createNativeQuery(LOCK, Integer.class)
        .getSingleResult()
        .chain(() -> Epoch.look(session, backup, kafka, inKafka))
        .chain(seen -> begin(session, inKafka, seen));
  }

  private Uni<Epoch> begin(
      Mutiny.StatelessSession session, Map<TopicPartition, Long> inKafka, Epoch seen) {
    boolean otherKafka = seen.kafka() != null && !seen.kafka().equals(kafka);
    Optional<Epoch.Sign> sign = seen.sign().filter(it -> it != Epoch.Sign.REWOUND || !isDenied());
    boolean taken = sign.isEmpty() && seen.settled() && (otherKafka || seen.rewound());
    if (taken) {
      LOG.warnf(
          "How far was read is taken from Kafka epoch=%d otherKafka=%s", seen.number(), otherKafka);
    }
    return (otherKafka ? Positions.forget(session) : Uni.createFrom().voidItem())
        .chain(() -> taken ? positions.keep(session, inKafka) : Uni.createFrom().voidItem())
        .chain(() ->
            sign.map(it -> begin(session, seen.number() + 1, it))
                .orElseGet(() ->
                    session
                        .createNativeQuery(OF_KAFKA)
                        .setParameter("kafka", kafka)
                        .setParameter("number", seen.number())
                        .executeUpdate()
                        .replaceWith(seen)));
  }

  /// Whether the operator says, just now, that Kafka is further for another reason than a restore.
  /// It says when it was said and holds for an hour: a word that stayed would hide the next
  /// restore.
  private boolean isDenied() {
    return config
        .getOptionalValue(NOT_RESTORED, Instant.class)
        .filter(said -> Duration.between(said, Instant.now()).abs().compareTo(GOOD_FOR) < 0)
        .isPresent();
  }

  private Uni<Epoch> begin(Mutiny.StatelessSession session, int number, Epoch.Sign sign) {
    LOG.warnf(
        "The database was put back from a backup: all that waits in it ends epoch=%d sign=%s"
            + " backup=%s",
        number, sign.word(), backup);
    return session
        .createNativeQuery(BEGIN)
        .setParameter("number", number)
        .setParameter("why", sign.word())
        .setParameter("backup", backup)
        .setParameter("kafka", kafka)
        .executeUpdate()
        .chain(() -> newEpoch.get().begins(session))
        .replaceWith(new Epoch(number, false, false, false, false, kafka, sign.word()));
  }

  private void settle(Epoch current, Map<TopicPartition, Long> inKafka)
      throws InterruptedException, ExecutionException, TimeoutException {
    // Others read on with this database once: it was lost, and made anew.
    boolean lost = current.number() == 1 && current.why().equals("empty") && !inKafka.isEmpty();
    boolean readsAgain = (current.number() > 1 || lost) && newEpoch.get().readsAgain();
    if (readsAgain) {
      Map<TopicPartition, Long> behind =
          behind(await(sessions.withStatelessSession(Positions::kept)), inKafka);
      if (!behind.isEmpty()) {
        positions.readOnFrom(behind);
      }
    }
    await(
        sessions.withStatelessTransaction(session ->
            (readsAgain ? Uni.createFrom().voidItem() : positions.keep(session, inKafka))
                .chain(() ->
                    lost
                        ? session.createNativeQuery(BEGAN_EMPTY).executeUpdate()
                        : Uni.createFrom().item(0))
                .chain(() ->
                    session
                        .createNativeQuery(SETTLED)
                        .setParameter("number", current.number())
                        .executeUpdate())));
  }

  /// Where the database stands, for each partition that Kafka has read further.
  private static Map<TopicPartition, Long> behind(
      Map<TopicPartition, Long> kept, Map<TopicPartition, Long> inKafka) {
    Map<TopicPartition, Long> behind = new HashMap<>();
    inKafka.forEach((partition, next) -> {
      long has = kept.getOrDefault(partition, 0L);
      if (has < next) {
        behind.put(partition, has);
      }
    });
    return behind;
  }

  /// One transaction on the database that this process has known. Fails, as what is {@link
  /// Unavailable} does, where that was put back under it, and the process stops with its next look:
  /// what is read or decided in between would hide that it lacks what came before.
  public <T> Uni<T> inTransaction(Function<Mutiny.StatelessSession, Uni<T>> work) {
    return sessions.withStatelessTransaction(
        session -> requireSame(session).chain(() -> work.apply(session)));
  }

  /// As {@link #inTransaction}, with each statement a transaction of its own: without two more
  /// round trips to say so. A database that is put back between them takes the session's connection
  /// with it.
  public <T> Uni<T> inSession(Function<Mutiny.StatelessSession, Uni<T>> work) {
    return sessions.withStatelessSession(
        session -> requireSame(session).chain(() -> work.apply(session)));
  }

  private Uni<Void> requireSame(Mutiny.StatelessSession session) {
    return newEpoch.isResolvable()
        ? seen(session)
            .invoke(seen ->
                seen.sign()
                    .ifPresent(sign -> {
                      throw new Unavailable(
                          "the database was put back from a backup, and its new epoch has not begun"
                              + " yet; sign="
                              + sign.word());
                    }))
            .replaceWithVoid()
        : Uni.createFrom().voidItem();
  }

  private Uni<Epoch> seen(Mutiny.StatelessSession session) {
    return Epoch.look(session, backup, kafka, positions.own());
  }

  /// A service that has run on while its database was put back holds what is true no more: it
  /// starts over.
  private void watch() {
    Uni.createFrom()
        .deferred(() -> sessions.withStatelessSession(this::seen))
        .runSubscriptionOn(OwnContext.of(vertx.getOrCreateContext()))
        .ifNoItem()
        .after(PATIENCE)
        .fail()
        .subscribe()
        .with(
            seen ->
                seen.sign()
                    .ifPresent(sign -> {
                      LOG.fatalf(
                          "The database was put back under this process, which stops sign=%s",
                          sign.word());
                      Quarkus.asyncExit(1);
                    }),
            failure -> LOG.warnf("The epoch could not be looked at cause=%s", failure));
  }

  private <T> T await(Uni<T> work) {
    return Uni.createFrom()
        .deferred(() -> work)
        .runSubscriptionOn(OwnContext.of(vertx.getOrCreateContext()))
        .await()
        .atMost(PATIENCE);
  }
}
