package dev.countersign.launcher;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A JVM under the supervisor: ready when its health page says so.
final class JvmPart implements Part {

  /// For what is small, or gone before code that learns from its use would have been worth it.
  static final String CHEAP_CODE = "-XX:TieredStopAtLevel=1";

  private static final Duration GRACE = Duration.ofSeconds(15);

  /// Writing the start-up cache takes some seconds of a core, and up to six processes share two.
  private static final Duration LEARNING_GRACE = Duration.ofMinutes(3);

  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(1))
          .build();

  /// Who goes first where there are not processors enough for all.
  enum Rank {
    /// What a person, an answer or an effect waits for.
    AT_ONCE(0),
    /// What tells of it afterwards.
    LAST(10);

    private final int niceness;

    Rank(int niceness) {
      this.niceness = niceness;
    }

    /// What to put in front of a command. What has a session of its own has, on Linux, a group of
    /// its own, and among groups the group's niceness alone counts (sched(7), "The autogroup
    /// feature"); elsewhere there is no such file, and the process's own counts. Without a session
    /// of its own it has its parent's group, which is to stay as it is. Whoever is not root may set
    /// one group's in a tenth of a second.
    private List<String> politely() {
      if (niceness == 0) {
        return List.of();
      }
      return Sessions.own().isEmpty()
          ? List.of("nice", "-n", Integer.toString(niceness))
          : List.of(
              "/bin/sh",
              "-c",
              """
              for again in 1 2 3 4 5 6 7 8 9; do
                [ -w /proc/self/autogroup ] || break
                { echo %1$d >/proc/self/autogroup; } 2>/dev/null && break
                sleep 0.1
              done
              exec nice -n %1$d "$@"
              """
                  .formatted(niceness),
              "politely");
    }
  }

  /// @param flags for the JVM
  /// @param program what follows them: `-jar …`, or a class path and a main class
  /// @param ready answers 200 once the process does its work
  /// @param folder its working folder
  record Plan(
      String name,
      int port,
      Stage stage,
      Rank rank,
      List<String> flags,
      List<String> program,
      Map<String, String> environment,
      URI ready,
      Path folder) {}

  private final Plan plan;
  private final @Nullable AotCache cache;
  private final Consumer<String> output;
  private @Nullable volatile Child child;

  /// This run is to be written down. Only the first of a supervisor's: what keeps dying is not to
  /// spend its time on that.
  private volatile boolean learning;

  private volatile boolean startedBefore;
  private volatile boolean wasReady;

  /// @param cache null: start plainly and learn nothing
  JvmPart(Plan plan, @Nullable AotCache cache, Consumer<String> output) {
    this.plan = plan;
    this.cache = cache;
    this.output = output;
  }

  @Override
  public String name() {
    return plan.name();
  }

  @Override
  public int port() {
    return plan.port();
  }

  @Override
  public Stage stage() {
    return plan.stage();
  }

  @Override
  public void start() {
    List<String> command = new ArrayList<>(Sessions.own());
    command.addAll(plan.rank().politely());
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(plan.flags());
    AotCache known = cache;
    if (known != null) {
      boolean trained = known.trained();
      learning = !trained && !startedBefore;
      if (trained || learning) {
        command.add(known.flag());
      }
      if (!learning) {
        known.discard();
      }
    }
    startedBefore = true;
    wasReady = false;
    command.addAll(plan.program());
    var builder = new ProcessBuilder(command).directory(plan.folder().toFile());
    builder.environment().putAll(plan.environment());
    child = Child.start(plan.name(), builder, this::write);
  }

  /// What the JVM says about the cache it writes is no concern of whoever reads this log.
  private void write(String line) {
    if (!learning || !AotCache.speaks(line)) {
      output.accept(line);
    }
  }

  @Override
  public boolean ready() {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(plan.ready()).timeout(Duration.ofSeconds(5)).build();
      boolean ready =
          HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
      wasReady |= ready;
      return ready;
    } catch (IOException _) {
      // Nobody listens yet.
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public boolean alive() {
    Child current = child;
    return current != null && current.alive();
  }

  @Override
  public long pid() {
    Child current = child;
    return current == null ? -1 : current.pid();
  }

  @Override
  public boolean awaitEnd(Duration patience) {
    Child current = child;
    return current == null || current.await(patience);
  }

  @Override
  public void stop() {
    Child current = child;
    if (current == null || !current.alive()) {
      return;
    }
    current.signal(Child.Signal.TERM);
    if (current.await(learning ? LEARNING_GRACE : GRACE)) {
      if (learning && wasReady && cache != null) {
        cache.adopt();
      }
    } else {
      output.accept("did not end in time and is killed");
      kill();
    }
  }

  @Override
  public void kill() {
    Child current = child;
    if (current != null) {
      current.end(Child.Signal.KILL, Duration.ofSeconds(10));
    }
    if (learning && cache != null) {
      cache.discard();
    }
  }

  @Override
  public boolean learning() {
    return learning && alive();
  }
}
