package dev.countersign.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A PostgreSQL server as a child of this process: on loopback and with passwords. It can be
/// stopped, killed and started again on the same port and data.
public final class EmbeddedPostgres implements AutoCloseable {

  private static final int MOST_TRIES = 40;
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(250);
  private static final Set<String> NEEDED =
      Set.of("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH");

  private static final String SUPERUSER = "postgres";

  /// What a commit survives.
  public enum Durability {
    /// The power's end, too.
    POWER("on"),
    /// The server's end by any signal, but not the machine's: for tests of what runs above it.
    PROCESS("off");

    private final String fsync;

    Durability(String fsync) {
      this.fsync = fsync;
    }
  }

  private final Path folder;
  private final int port;
  private final Durability durability;
  private final Consumer<String> output;
  private final UnprivilegedUser user = UnprivilegedUser.current();
  private final PostgresBinaries binaries;
  private @Nullable Child child;

  /// @param folder holds the cluster and the superuser's password; made at first start
  /// @param output gets each line that the server writes
  public EmbeddedPostgres(Path folder, int port, Consumer<String> output) {
    this(folder, port, Durability.POWER, output);
  }

  public EmbeddedPostgres(Path folder, int port, Durability durability, Consumer<String> output) {
    this.folder = folder.toAbsolutePath();
    this.port = port;
    this.durability = durability;
    this.output = output;
    this.binaries = PostgresBinaries.unpacked();
  }

  /// `host:port`.
  public String server() {
    return "127.0.0.1:" + port;
  }

  /// `host:port/database`, as `COUNTERSIGN_DB` wants it.
  public String address() {
    return server() + "/" + DatabaseRoles.DATABASE;
  }

  public long pid() {
    return child == null ? -1 : child.pid();
  }

  boolean alive() {
    return child != null && child.alive();
  }

  boolean awaitEnd(Duration patience) {
    return child == null || child.await(patience);
  }

  /// Starts the server and returns when it answers. A server that an earlier run left behind on the
  /// same data is stopped first.
  public void start() {
    try {
      if (!Files.exists(data().resolve("PG_VERSION"))) {
        initialise();
      }
      stopOrphan(folder, output);
      Instant until = Instant.now().plus(Duration.ofMinutes(5));
      for (int tries = 1; !startedUntil(until); tries++) {
        // After a SIGKILL the old server's workers hold the shared memory for a moment longer.
        if (tries == MOST_TRIES
            || Instant.now().isAfter(until)
            || Thread.currentThread().isInterrupted()) {
          throw new IllegalStateException("PostgreSQL did not start; see its output");
        }
        LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL's folder " + folder + " cannot be used", e);
    }
  }

  /// Creates the roles, schemas and the database that are missing, and sets these passwords.
  public void createRoles(Map<String, String> passwords) {
    DatabaseRoles.create(server(), SUPERUSER, superuserPassword(), passwords);
  }

  /// Stops it cleanly, without waiting for its clients.
  public void stop() {
    if (child != null) {
      // It first writes what its buffers hold.
      child.end(Child.Signal.INT, Duration.ofSeconds(60));
    }
  }

  /// Kills the server with SIGKILL.
  public void kill() {
    if (child != null) {
      child.end(Child.Signal.KILL, Duration.ofSeconds(10));
    }
  }

  @Override
  public void close() {
    stop();
  }

  private boolean startedUntil(Instant until) {
    // Rows are found by random ids: with less memory pages go out and come in again, and after each
    // checkpoint every page that is touched is written to the log as a whole. How values are spread
    // is asked of few columns, and of a table that grows fast every minute: a fifth of the rows
    // that are read for it by default tells enough.
    List<String> postgres =
        List.of(
            binaries.program("postgres").toString(),
            "-D",
            data().toString(),
            "-p",
            Integer.toString(port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "max_connections=200",
            "-c",
            "shared_buffers=256MB",
            "-c",
            "wal_buffers=16MB",
            "-c",
            "max_wal_size=2GB",
            "-c",
            "checkpoint_timeout=15min",
            "-c",
            "default_statistics_target=20",
            "-c",
            "fsync=" + durability.fsync,
            "-c",
            "timezone=UTC",
            "-c",
            "log_min_messages=warning");
    List<String> command = new ArrayList<>(Sessions.own());
    command.addAll(user.command(postgres, data(), binaries.program("postgres")));
    Child started = Child.start("postgres", bare(command), output);
    child = started;
    while (Instant.now().isBefore(until)) {
      if (answers()) {
        return true;
      }
      if (started.await(Duration.ofMillis(50))) {
        return false;
      }
    }
    return false;
  }

  /// Without what else is in our environment: it may hold what is not for a database.
  private static ProcessBuilder bare(List<String> command) {
    var builder = new ProcessBuilder(command);
    builder.environment().keySet().retainAll(NEEDED);
    return builder;
  }

  private boolean answers() {
    try (Connection connection =
        DatabaseRoles.connect(server(), "postgres", SUPERUSER, superuserPassword())) {
      return connection.isValid(5);
    } catch (SQLException _) {
      // Refused or still recovering: the caller looks again.
      return false;
    }
  }

  private void initialise() throws IOException {
    Files.createDirectories(folder);
    if (Files.isSymbolicLink(data())) {
      throw new IllegalStateException(
          data()
              + " is a link to a folder without a database; move the state folder there instead");
    }
    // Whole or not at all: what an interrupted start left behind would never become a database.
    Path fresh = folder.resolve("data.new");
    PostgresBinaries.deleteTree(fresh);
    Files.createDirectory(fresh);
    user.own(fresh);
    Secrets.create(passwordFile());
    Path handedOver = Files.createTempFile(folder, "initdb", ".password");
    try {
      Files.writeString(handedOver, superuserPassword());
      user.own(handedOver);
      List<String> initdb =
          new ArrayList<>(
              List.of(
                  binaries.program("initdb").toString(),
                  "-D",
                  fresh.toString(),
                  "-U",
                  SUPERUSER,
                  "-A",
                  "scram-sha-256",
                  "--pwfile=" + handedOver,
                  "--encoding=UTF8",
                  "--locale=C"));
      if (durability == Durability.PROCESS) {
        initdb.add("--no-sync");
      }
      Child run =
          Child.start(
              "initdb", bare(user.command(initdb, fresh, binaries.program("initdb"))), output);
      if (!run.await(Duration.ofMinutes(5)) || run.exitCode() != 0) {
        throw new IllegalStateException(
            "initdb could not make a database in "
                + fresh
                + "; see its output. If this runs as root in a closed folder, set COUNTERSIGN_STATE and"
                + " COUNTERSIGN_CACHE to folders that other users may enter");
      }
      // Only an empty one gives way: what somebody put back in part is theirs to look at.
      Files.deleteIfExists(data());
      Files.move(fresh, data(), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.delete(handedOver);
    }
  }

  /// Stops the server that an earlier run left behind on this folder, and says whether there was
  /// one.
  static boolean stopOrphan(Path folder, Consumer<String> output) {
    Path data = folder.toAbsolutePath().resolve("data");
    Optional<ProcessHandle> found = findServer(data);
    found.ifPresent(orphan -> {
      long pid = orphan.pid();
      output.accept("stopping the server that an earlier run left behind, process " + pid);
      Child.signal(pid, Child.Signal.INT);
      Instant until = Instant.now().plusSeconds(20);
      while (orphan.isAlive()) {
        if (Instant.now().isAfter(until)) {
          throw new IllegalStateException(
              "process " + pid + " still uses " + data + " and does not stop; stop it by hand");
        }
        awaitExit(orphan);
      }
    });
    return found.isPresent();
  }

  private static boolean isOn(Path data, ProcessHandle.Info process) {
    return process.arguments().stream().flatMap(Stream::of).anyMatch(data.toString()::equals);
  }

  private static boolean isSame(Path written, Path data) throws IOException {
    return Files.exists(written) && Files.isSameFile(written, data);
  }

  /// The server that `postmaster.pid` names, if it still runs and is the one that wrote it: by its
  /// command, whatever became of the clock, or by its start. A copy of the folder has none: its
  /// file names the folder that it was copied from.
  private static Optional<ProcessHandle> findServer(Path data) {
    Path file = data.resolve("postmaster.pid");
    try {
      List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
      if (lines.size() < 3 || !isSame(Path.of(lines.get(1)), data)) {
        return Optional.empty();
      }
      long startedAt = TimeUnit.SECONDS.toMillis(Long.parseLong(lines.get(2).strip()));
      return ProcessHandle.of(Long.parseLong(lines.get(0).strip()))
          .filter(process -> isOn(data, process.info()) || Processes.began(process, startedAt));
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  private static void awaitExit(ProcessHandle handle) {
    try {
      handle.onExit().get(200, TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      // The caller looks at the clock and asks again.
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a server was stopping", e);
    }
  }

  private Path data() {
    return folder.resolve("data");
  }

  private Path passwordFile() {
    return folder.resolve("superuser.password");
  }

  private String superuserPassword() {
    return Secrets.read(passwordFile());
  }
}
