package dev.countersign.launcher;

import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The whole system on this machine, supervised by this JVM: what `up` runs in the foreground, and
/// what a test starts on ports of its own to kill parts of.
///
/// Parts are `postgres`, `kafka`, `mail-sink`, `target`, `witness`, `gateway`, `policy`, `ticket`,
/// `notifier`, `executor` and `audit`. The witness and the services must have been packaged.
public final class LocalSystem implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final StateFolder state;
  private final Ports ports;
  private final Supervisor supervisor;
  private final FileLock lock;

  private LocalSystem(StateFolder state, Ports ports, Supervisor supervisor, FileLock lock) {
    this.state = state;
    this.ports = ports;
    this.supervisor = supervisor;
    this.lock = lock;
  }

  /// Starts everything and returns when all is ready. Ends with this JVM, however that ends short
  /// of being killed: the parts have sessions of their own, and an interrupt from the keyboard
  /// reaches this one alone.
  ///
  /// @param home the repository
  /// @param stateFolder an empty folder, or that of an earlier run
  /// @param environment settings as an operator gives them, [Ports#shifted] for one
  /// @param output gets every line of every process, with the process's name in front
  public static LocalSystem start(
      Path home, Path stateFolder, Map<String, String> environment, Consumer<String> output) {
    Map<String, String> all = new HashMap<>(environment);
    all.put("COUNTERSIGN_STATE", stateFolder.toString());
    LocalSystem system = begin(home, all, SystemPlan.Learning.USE, output, output);
    Runtime.getRuntime().addShutdownHook(new Thread(system::close, "stop-the-system"));
    if (!system.awaitReady()) {
      system.close();
      throw new IllegalStateException("the system was not ready in time; see its logs");
    }
    return system;
  }

  /// Starts everything and returns at once.
  ///
  /// @param learning unless the environment says otherwise
  static LocalSystem begin(
      Path home,
      Map<String, String> environment,
      SystemPlan.Learning learning,
      Consumer<String> output,
      Consumer<String> progress) {
    StateFolder state = StateFolder.of(environment, home);
    Ports ports = Ports.of(environment);
    FileLock lock = state.lock();
    boolean begun = false;
    try {
      Optional<StateFolder.Snapshot> before = state.snapshot();
      // Who asks from here on is told of this supervisor; should it be killed, the next one still
      // finds what the one before left behind.
      state.write(
          StateFolder.Snapshot.ours(
              before
                  .map(StateFolder.Snapshot::parts)
                  .orElseGet(() -> SystemPlan.stopped(ports))
                  .stream()
                  .map(StateFolder.Running::waiting)
                  .toList()));
      LeftBehind.stop(state, progress);
      ports.requireFree();
      var plan =
          new SystemPlan(
              home,
              state,
              ports,
              environment,
              SystemPlan.learning(environment, learning),
              name -> new LogFile(name, state.logs(), output));
      var supervisor =
          new Supervisor(
              plan.parts(), progress, running -> state.write(StateFolder.Snapshot.ours(running)));
      supervisor.start();
      begun = true;
      return new LocalSystem(state, ports, supervisor, lock);
    } finally {
      if (!begun) {
        release(lock);
      }
    }
  }

  boolean awaitReady() {
    try {
      return supervisor.awaitReady(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// The port of a server, by the names of the `COUNTERSIGN_PORT_<NAME>` variables in small
  /// letters.
  public int port(String name) {
    return ports.of(name);
  }

  public String bootstrapServers() {
    return "127.0.0.1:" + ports.of("kafka");
  }

  /// `host:port/database`.
  public String database() {
    return "127.0.0.1:" + ports.of("postgres") + "/" + DatabaseRoles.DATABASE;
  }

  /// The password of a database role.
  public String databasePassword(String role) {
    String password = state.databasePasswords().get(role);
    if (password == null) {
      throw new IllegalArgumentException("no role is called " + role);
    }
    return password;
  }

  /// What the target wants to be shown.
  public String targetCredential() {
    return Secrets.read(state.targetCredential());
  }

  /// The process id of a part, −1 while it has no process.
  public long pid(String name) {
    return supervisor.running().stream()
        .filter(part -> part.name().equals(name))
        .mapToLong(StateFolder.Running::pid)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("nothing is called " + name));
  }

  /// Kills a part with SIGKILL; it is started again at once.
  public void kill(String name) {
    supervisor.kill(name);
  }

  /// Kills a part with SIGKILL and keeps it down until [#release].
  public void holdDown(String name) {
    supervisor.holdDown(name);
  }

  /// Starts a part that was held down, on its port and data.
  public void release(String name) {
    supervisor.release(name);
  }

  /// Waits until a part is ready again.
  public void awaitReady(String name) {
    try {
      if (!supervisor.awaitReady(name, PATIENCE)) {
        throw new IllegalStateException(name + " was not ready in time; see its log");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + name, e);
    }
  }

  /// Each part with its pid, port and condition.
  List<StateFolder.Running> running() {
    return supervisor.running();
  }

  Ports ports() {
    return ports;
  }

  /// Stops everything cleanly, the services first. Whoever asks again waits until it has.
  @Override
  public synchronized void close() {
    if (lock.isValid()) {
      supervisor.stop();
      release(lock);
    }
  }

  private static void release(FileLock lock) {
    try {
      lock.acquiredBy().close();
    } catch (IOException e) {
      throw new IllegalStateException("the lock of the state folder could not be given back", e);
    }
  }
}
