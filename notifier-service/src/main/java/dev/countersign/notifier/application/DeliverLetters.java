package dev.countersign.notifier.application;

import dev.countersign.notifier.domain.Backoff;
import dev.countersign.notifier.domain.Delivery;
import dev.countersign.notifier.domain.Failure;
import dev.countersign.notifier.domain.Letter;
import dev.countersign.notifier.domain.State;
import dev.countersign.notifier.domain.Step;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/// Sends what is queued: claims what is due, commits that, hands it to the {@link Post}, and writes
/// down how it ended.
///
/// ```
///   queued ──claim──► sending ──250──► accepted
///     ▲                  │├──5xx──────► failed refused-by-server
///     └────4xx, down─────┘└──crash────► failed in-doubt ─► a reminder, while the ticket is open
/// ```
///
/// Questions go first. Answers can wait, and many come together: they are queued and sent by the
/// handful, over the connections that no question needs, and after each they rest for a while, the
/// longer the busier the machine is, so that no effect waits for them.
///
/// If the process dies before the claim's commit, nothing was sent; after it, the row stays in
/// `sending` and, once the lease has run out, is in doubt and never sent again.
@ApplicationScoped
public class DeliverLetters {

  private static final Logger LOG = Logger.getLogger(DeliverLetters.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration MOMENT = Duration.ofMillis(10);
  private static final Duration CLIMB = Duration.ofSeconds(1);
  private static final Duration LAST_WORDS = Duration.ofSeconds(3);
  // For how many times as long as the last claim of answers took there is none: how long that takes
  // tells how busy the machine is, and to send what was claimed costs it some three times as much.
  private static final int REST = 10;
  private static final Duration LONGEST_REST = Duration.ofSeconds(2);

  private final Mutiny.SessionFactory sessions;
  private final Deliveries deliveries;
  private final Threads threads;
  private final ClimbLadders ladders;
  private final Notifications notifications;
  private final People people;
  private final Post post;
  private final int connections;
  private final Duration timeout;
  private final Duration lease;

  private final String instance = UUID.randomUUID().toString();
  private final Thread thread = Thread.ofPlatform().name("letters").daemon().unstarted(this::run);

  private final Object monitor = new Object();

  // The four below are guarded by the monitor.
  private final List<Deliveries.Sent> sent = new ArrayList<>();
  private int free;
  private boolean woken;
  private boolean stopping;

  // The five below are the thread's own.
  private final Set<Long> underWay = new HashSet<>();
  private long nextAnswers = System.nanoTime();
  private boolean answersLeftOut;
  private long nextLook = System.nanoTime();
  private long nextClimb = System.nanoTime();

  @Inject
  DeliverLetters(
      Mutiny.SessionFactory sessions,
      Deliveries deliveries,
      Threads threads,
      ClimbLadders ladders,
      Notifications notifications,
      People people,
      Post post,
      @ConfigProperty(name = "countersign.smtp.connections") int connections,
      @ConfigProperty(name = "countersign.smtp.silence") Duration silence,
      @ConfigProperty(name = "countersign.smtp.timeout") Duration timeout,
      @ConfigProperty(name = "countersign.smtp.lease") Duration lease) {
    if (timeout.compareTo(silence.multipliedBy(2)) <= 0) {
      throw new IllegalArgumentException(
          "countersign.smtp.timeout must be longer than twice countersign.smtp.silence, or a letter"
              + " is in doubt that waited for a connection and was never sent; it is "
              + timeout);
    }
    if (lease.compareTo(timeout) <= 0) {
      throw new IllegalArgumentException(
          "countersign.smtp.lease must be longer than countersign.smtp.timeout, or others take over"
              + " what is still being sent; it is "
              + lease);
    }
    this.sessions = sessions;
    this.deliveries = deliveries;
    this.threads = threads;
    this.ladders = ladders;
    this.notifications = notifications;
    this.people = people;
    this.post = post;
    this.connections = connections;
    this.timeout = timeout;
    this.lease = lease;
    this.free = connections;
  }

  void start(@Observes StartupEvent event) {
    thread.start();
  }

  /// Claims nothing more and waits a little for what is under way, so that an orderly stop leaves
  /// as little as possible in doubt.
  void stop(@Observes ShutdownEvent event) throws InterruptedException {
    synchronized (monitor) {
      stopping = true;
      monitor.notifyAll();
    }
    thread.join(LAST_WORDS);
  }

  /// Something may be due. Call it after a commit; without it the next look is half a second off.
  public void wake() {
    synchronized (monitor) {
      woken = true;
      monitor.notifyAll();
    }
  }

  private void run() {
    List<Deliveries.Sent> kept = new ArrayList<>();
    try {
      while (round(kept)) {}
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Returns whether there is to be another one. What `kept` holds could not be written down yet.
  private boolean round(List<Deliveries.Sent> kept) throws InterruptedException {
    Work work = await(kept.isEmpty());
    kept.addAll(work.sent);
    try {
      lookAfterLeases();
      climbLadders();
      settleAndClaim(kept, work.stopping ? 0 : work.free);
      return !work.stopping || !underWay.isEmpty();
    } catch (Exception e) {
      // The database is away, as a rule.
      LOG.warnf("Letters wait for the database cause=%s", e.toString());
      // Whether it took the last claim is not known.
      nextLook = System.nanoTime();
      return pause();
    }
  }

  private record Work(List<Deliveries.Sent> sent, int free, boolean stopping) {}

  private Work await(boolean nothingKept) throws InterruptedException {
    synchronized (monitor) {
      long now = System.nanoTime();
      long rest = Math.clamp(nextAnswers - now, 0, POLL.toNanos());
      long until = now + (answersLeftOut && free > 0 ? rest : POLL.toNanos());
      while (nothingKept
          && sent.isEmpty()
          && !(woken && free > 0)
          && !(stopping && underWay.isEmpty())) {
        long left = until - System.nanoTime();
        if (left <= 0) {
          break;
        }
        TimeUnit.NANOSECONDS.timedWait(monitor, left);
      }
      gather();
      if (free > 0) {
        woken = false;
      }
      Work work = new Work(List.copyOf(sent), free, stopping);
      sent.clear();
      return work;
    }
  }

  /// Under load many letters end within a moment, and one transaction serves them all.
  private void gather() throws InterruptedException {
    long until = System.nanoTime() + MOMENT.toNanos();
    long left = MOMENT.toMillis();
    while (!stopping && left > 0) {
      monitor.wait(left);
      left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
    }
  }

  private boolean pause() throws InterruptedException {
    synchronized (monitor) {
      long until = System.nanoTime() + POLL.toNanos();
      long left = POLL.toMillis();
      while (!stopping && left > 0) {
        monitor.wait(left);
        left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
      }
      return !stopping;
    }
  }

  /// Renews our own leases first: after an outage of the database they have run out, and yet we are
  /// alive.
  private void lookAfterLeases() throws Exception {
    if (System.nanoTime() - nextLook < 0) {
      return;
    }
    if (!underWay.isEmpty()) {
      inTransaction(session -> deliveries.renew(session, instance, underWay, lease));
    }
    List<Threads.Change> changes =
        inTransaction(session -> published(session, deliveries.doubt(session)));
    boolean putBack = putBack();
    if (putBack || !changes.isEmpty()) {
      wake();
    }
    nextLook = System.nanoTime() + lease.toNanos() / 4;
  }

  /// What can't be climbed now is at the next look: letters do not wait for it.
  private void climbLadders() {
    if (System.nanoTime() - nextClimb < 0) {
      return;
    }
    nextClimb = System.nanoTime() + CLIMB.toNanos();
    try {
      if (inTransaction(ladders::climb)) {
        nextClimb = System.nanoTime();
        wake();
      }
    } catch (Exception e) {
      LOG.warnf("What still waits could not be told of cause=%s", e.toString());
    }
  }

  /// Returns whether anything was. What can't be put back now waits for the next look, or for its
  /// lease to run out; what is under way waits for neither.
  private boolean putBack() {
    try {
      List<Threads.Change> changes =
          inTransaction(
              session -> published(session, deliveries.putBack(session, instance, underWay)));
      return !changes.isEmpty();
    } catch (Exception e) {
      LOG.warnf("Letters that were never sent could not be queued again cause=%s", e.toString());
      return false;
    }
  }

  /// @param full whether there may be more to be claimed
  /// @param told of how many threads people were told
  private record Claim(Deliveries.Claimed claimed, boolean full, int told) {}

  private record Round(List<Threads.Change> settled, Claim claim) {

    List<Letter> letters() {
      return claim.claimed.letters();
    }
  }

  /// Writes down how letters ended and claims the next ones, in one transaction.
  private void settleAndClaim(List<Deliveries.Sent> ended, int limit) throws Exception {
    if (ended.isEmpty() && limit == 0) {
      return;
    }
    long begun = System.nanoTime();
    boolean resting = begun - nextAnswers < 0;
    Round round =
        inTransaction(session ->
            settle(session, ended)
                .chain(settled ->
                    (resting ? claim(session, limit, 0) : claimAndTell(session, limit))
                        .map(claim -> new Round(settled, claim))));
    ended.forEach(each -> underWay.remove(each.letter().number()));
    ended.clear();
    answersLeftOut = resting;
    if (round.claim.told > 0
        || round.letters().stream().anyMatch(letter -> letter.step().kind() == Step.Kind.ANSWER)) {
      long now = System.nanoTime();
      nextAnswers = now + Math.min(REST * (now - begun), LONGEST_REST.toNanos());
    }
    round.letters().forEach(letter -> underWay.add(letter.number()));
    synchronized (monitor) {
      free -= round.letters().size();
      // What waits for its next try is there again, too.
      woken |=
          round.claim.full
              || round.settled.stream().anyMatch(change -> change.state() == State.QUEUED);
    }
    round.letters().forEach(this::send);
  }

  private Uni<List<Threads.Change>> settle(
      Mutiny.StatelessSession session, List<Deliveries.Sent> ended) {
    return ended.isEmpty()
        ? Uni.createFrom().item(List.of())
        : published(session, deliveries.settle(session, instance, ended));
  }

  /// Where connections are left when all that is queued was claimed, threads that have ended are
  /// told of: not before, so that a burst of answers costs no more at a time than can be sent.
  private Uni<Claim> claimAndTell(Mutiny.StatelessSession session, int limit) {
    return claim(session, limit, limit)
        .chain(claim ->
            claim.full || limit == 0
                ? Uni.createFrom().item(claim)
                : threads
                    .tell(session, limit)
                    .call(told -> notifications.publish(session, told.changes()))
                    .chain(told ->
                        told.threads() == 0
                            ? Uni.createFrom().item(claim)
                            : claim(session, limit - count(claim.claimed), limit)
                                .map(answers ->
                                    new Claim(
                                        claim.claimed.and(answers.claimed),
                                        answers.full || told.threads() == limit,
                                        told.threads()))));
  }

  private Uni<Claim> claim(Mutiny.StatelessSession session, int limit, int answers) {
    return limit == 0
        ? Uni.createFrom().item(new Claim(new Deliveries.Claimed(List.of(), List.of()), false, 0))
        : deliveries
            .claim(session, instance, lease, limit, answers)
            .call(it -> notifications.publish(session, it.late()))
            .map(it -> new Claim(it, count(it) == limit, 0));
  }

  private static int count(Deliveries.Claimed claimed) {
    return claimed.letters().size() + claimed.late().size();
  }

  private void send(Letter letter) {
    Optional<People.Address> address = people.findMail(letter.recipient());
    if (address.isEmpty()) {
      release();
      ended(letter, new Delivery.Failed(Failure.NO_ADDRESS));
      return;
    }
    CompletableFuture<Delivery> delivery = post.send(letter, address.get());
    // The place is given back with the connection, even where the letter's time is over before: a
    // letter that waits for a connection would be in doubt without ever having been sent.
    var _ = delivery.thenRun(this::release);
    var _ =
        delivery
            .copy()
            .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
            .exceptionally(DeliverLetters::inDoubt)
            .thenAccept(it -> ended(letter, it));
  }

  private static Delivery inDoubt(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (!(cause instanceof TimeoutException)) {
      LOG.errorf(failure, "Sending ended in a way that tells nothing");
    }
    return new Delivery.Failed(Failure.IN_DOUBT);
  }

  private void release() {
    synchronized (monitor) {
      free = Math.min(free + 1, connections);
      woken = true;
      monitor.notifyAll();
    }
  }

  private void ended(Letter letter, Delivery delivery) {
    Duration again = Backoff.after(letter.attempt(), ThreadLocalRandom.current().nextDouble());
    synchronized (monitor) {
      sent.add(new Deliveries.Sent(letter, delivery, again));
      monitor.notifyAll();
    }
  }

  private Uni<List<Threads.Change>> published(
      Mutiny.StatelessSession session, Uni<List<Threads.Change>> changes) {
    return changes.call(all -> notifications.publish(session, all));
  }

  private <T> T inTransaction(Function<Mutiny.StatelessSession, Uni<T>> work) throws Exception {
    try {
      return VertxContextSupport.subscribeAndAwait(() -> sessions.withStatelessTransaction(work));
    } catch (Exception | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
