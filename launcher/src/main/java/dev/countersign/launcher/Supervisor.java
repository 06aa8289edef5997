package dev.countersign.launcher;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Starts the parts stage by stage, starts a part again when it dies, and stops them in reverse.
///
/// ```
/// waiting ──▶ starting ──▶ ready ──▶ (dies) ──▶ restarting ──▶ starting
///                                      └──▶ stopped, when it was told to stop or is held down
/// ```
final class Supervisor {

  /// Where a part stands.
  enum Condition {
    /// For the stage before it.
    WAITING,
    STARTING,
    READY,
    /// It died and its back-off runs.
    RESTARTING,
    STOPPED;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final Duration LOOK = Duration.ofMillis(50);
  private static final Duration FIRST_BACK_OFF = Duration.ofMillis(250);
  private static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(10);

  private static final Duration BETWEEN_TELLINGS = Duration.ofSeconds(5);

  /// One that ran this long is not in a loop of crashes.
  private static final Duration SETTLED = Duration.ofSeconds(60);

  /// A part, where it stands and who watches it.
  private static final class Post {
    final Part part;
    final CountDownLatch firstReady = new CountDownLatch(1);
    Condition condition = Condition.WAITING;
    boolean heldDown;
    int deaths;
    @Nullable Thread watch;

    Post(Part part) {
      this.part = part;
    }
  }

  private final Map<String, Post> posts = new LinkedHashMap<>();
  private final Consumer<String> progress;
  private final Consumer<List<StateFolder.Running>> changed;
  private final Object lock = new Object();
  private final Object writing = new Object();
  private boolean stopping;
  private volatile boolean untold;

  /// @param parts in the order in which they are listed
  /// @param progress is told what a person in front of the screen wants to know
  /// @param changed is told where each part stands, whenever that changes
  Supervisor(
      List<Part> parts, Consumer<String> progress, Consumer<List<StateFolder.Running>> changed) {
    parts.forEach(part -> posts.put(part.name(), new Post(part)));
    this.progress = progress;
    this.changed = changed;
  }

  void start() {
    for (Post post : posts.values()) {
      post.watch = Thread.ofPlatform().name("watch-" + post.part.name()).start(() -> watch(post));
    }
  }

  /// Waits until all parts have been ready, and says whether they were in time. It gives up early
  /// when one keeps dying.
  boolean awaitReady(Duration patience) throws InterruptedException {
    long until = System.nanoTime() + patience.toNanos();
    for (Post post : posts.values()) {
      while (!post.firstReady.await(100, TimeUnit.MILLISECONDS)) {
        if (System.nanoTime() > until
            || running().stream().anyMatch(StateFolder.Running::isHopeless)) {
          return false;
        }
      }
    }
    return true;
  }

  /// Waits until this part is ready (again), and says whether it was in time.
  boolean awaitReady(String name, Duration patience) throws InterruptedException {
    Post post = post(name);
    long until = System.nanoTime() + patience.toNanos();
    synchronized (lock) {
      while (post.condition != Condition.READY) {
        long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
        if (left <= 0) {
          return false;
        }
        lock.wait(left);
      }
      return true;
    }
  }

  /// SIGKILL; it is started again by itself.
  void kill(String name) {
    kill(post(name));
  }

  /// SIGKILL, and it stays down until [#release].
  void holdDown(String name) {
    Post post = post(name);
    synchronized (lock) {
      post.heldDown = true;
    }
    kill(post);
  }

  /// Whoever asks next is not told that it is ready, even if its watch has not seen the end yet.
  private void kill(Post post) {
    post.part.kill();
    synchronized (lock) {
      if (post.condition == Condition.READY && !post.part.alive()) {
        post.condition = Condition.RESTARTING;
      }
    }
  }

  void release(String name) {
    Post post = post(name);
    synchronized (lock) {
      post.heldDown = false;
      lock.notifyAll();
    }
  }

  List<StateFolder.Running> running() {
    synchronized (lock) {
      List<StateFolder.Running> all = new ArrayList<>();
      for (Post post : posts.values()) {
        boolean alive = post.part.alive();
        long pid = alive ? post.part.pid() : -1;
        all.add(
            new StateFolder.Running(
                post.part.name(),
                pid,
                post.part.port(),
                post.condition.word(),
                alive ? Processes.startedAt(pid) : "0",
                post.deaths));
      }
      return all;
    }
  }

  /// Stops all parts, last stage first.
  void stop() {
    synchronized (lock) {
      if (stopping) {
        return;
      }
      stopping = true;
      lock.notifyAll();
    }
    for (Part.Stage stage : Arrays.asList(Part.Stage.values()).reversed()) {
      stop(stage);
    }
  }

  private void stop(Part.Stage stage) {
    List<Post> concerned =
        posts.values().stream().filter(post -> post.part.stage() == stage).toList();
    boolean learning = concerned.stream().anyMatch(post -> post.part.learning());
    if (learning) {
      progress.accept(
          "the first run of a build writes what makes the next start quick; one moment");
    }
    // Writing it takes a core and some memory each.
    int atOnce = learning ? Runtime.getRuntime().availableProcessors() : concerned.size();
    var permits = new Semaphore(atOnce);
    List<Thread> stops = new ArrayList<>();
    for (Post post : concerned.reversed()) {
      stops.add(
          Thread.ofPlatform().name("stop-" + post.part.name()).start(() -> stop(post, permits)));
    }
    stops.forEach(Supervisor::join);
  }

  private void stop(Post post, Semaphore permits) {
    permits.acquireUninterruptibly();
    try {
      Thread watch = post.watch;
      if (watch != null) {
        // Between two looks it may be about to start the part.
        watch.interrupt();
      }
      boolean learning = post.part.learning();
      Instant from = Instant.now();
      post.part.stop();
      if (watch != null) {
        join(watch);
      }
      // The watch may have started it once more just before it saw the end.
      post.part.stop();
      become(post, Condition.STOPPED);
      progress.accept(
          "%s stopped%s"
              .formatted(
                  post.part.name(),
                  learning
                      ? " in %.1f s"
                          .formatted(Duration.between(from, Instant.now()).toMillis() / 1e3)
                      : ""));
    } catch (RuntimeException e) {
      progress.accept(post.part.name() + " could not be stopped: " + e.getMessage());
    } finally {
      permits.release();
    }
  }

  private void watch(Post post) {
    Duration backOff = FIRST_BACK_OFF;
    try {
      awaitStageBefore(post);
      while (mayRun(post)) {
        Instant from = Instant.now();
        runOnce(post);
        if (isStopping()) {
          return;
        }
        if (Duration.between(from, Instant.now()).compareTo(SETTLED) > 0) {
          backOff = FIRST_BACK_OFF;
        }
        synchronized (lock) {
          post.deaths++;
        }
        become(post, Condition.RESTARTING);
        pause(post, backOff);
        Duration doubled = backOff.multipliedBy(2);
        backOff = doubled.compareTo(LONGEST_BACK_OFF) > 0 ? LONGEST_BACK_OFF : doubled;
      }
    } catch (InterruptedException _) {
      // Told to stop: whoever interrupts ends the part as well.
      return;
    }
  }

  private void runOnce(Post post) throws InterruptedException {
    Part part = post.part;
    become(post, Condition.STARTING);
    try {
      part.start();
    } catch (RuntimeException e) {
      progress.accept(part.name() + " could not be started: " + e.getMessage());
      part.kill();
      return;
    }
    publish();
    while (!part.ready()) {
      if (part.awaitEnd(LOOK) || Thread.currentThread().isInterrupted()) {
        reportEnd(post, "ended before it was ready");
        return;
      }
    }
    synchronized (lock) {
      post.deaths = 0;
    }
    become(post, Condition.READY);
    post.firstReady.countDown();
    while (!part.awaitEnd(BETWEEN_TELLINGS)) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (untold) {
        publish();
      }
    }
    reportEnd(post, "died");
  }

  private void reportEnd(Post post, String what) {
    if (!isStopping()) {
      progress.accept("%s %s; starting it again".formatted(post.part.name(), what));
    }
  }

  private void awaitStageBefore(Post post) throws InterruptedException {
    for (Post other : posts.values()) {
      if (other.part.stage().compareTo(post.part.stage()) < 0) {
        other.firstReady.await();
      }
    }
  }

  /// Waits while it is held down. False: the end.
  private boolean mayRun(Post post) throws InterruptedException {
    synchronized (lock) {
      while (post.heldDown && !stopping) {
        post.condition = Condition.STOPPED;
        lock.wait();
      }
      return !stopping;
    }
  }

  private void pause(Post post, Duration backOff) throws InterruptedException {
    long until = System.nanoTime() + backOff.toNanos();
    synchronized (lock) {
      for (long left = backOff.toMillis();
          left > 0 && !stopping && !post.heldDown;
          left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime())) {
        lock.wait(left);
      }
    }
  }

  private boolean isStopping() {
    synchronized (lock) {
      return stopping;
    }
  }

  private void become(Post post, Condition condition) {
    synchronized (lock) {
      post.condition = condition;
      lock.notifyAll();
    }
    publish();
  }

  /// One after the other, so that what was so earlier is never told last. That it can't be told
  /// keeps nobody from watching; it is tried again.
  private void publish() {
    synchronized (writing) {
      try {
        changed.accept(running());
        untold = false;
      } catch (RuntimeException e) {
        if (!untold) {
          progress.accept("how the parts stand could not be written: " + e.getMessage());
        }
        untold = true;
      }
    }
  }

  private Post post(String name) {
    Post post = posts.get(name);
    if (post == null) {
      throw new IllegalArgumentException("nothing is called " + name + " here; " + posts.keySet());
    }
    return post;
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
