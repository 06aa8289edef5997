package dev.countersign.launcher;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The folder that survives a restart.
///
/// ```
/// postgres/  kafka/      the data of both
/// secrets/               generated passwords, mode 0600
/// credentials/target     what the executor alone shows to the target
/// ticket/  executor/ …   each service's own folder, for its keys
/// mail-sink/  target/    mails received, calls received
/// witness/               its key and its memory, which no other part reads; logs/ for more keys
/// logs/                  one file a process
/// supervisor.json        who runs, as `status` tells it
/// restored               the backup that was put back last, by its name, and when that was said
/// lock                   held while a supervisor runs
/// ```
record StateFolder(Path root) {

  /// What is running, or was when it was last written.
  ///
  /// @param pid of the supervisor
  /// @param startedAt as of a part
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Snapshot(long pid, @Nullable String startedAt, List<Running> parts) {

    /// What the supervisor in this process tells.
    static Snapshot ours(List<Running> parts) {
      ProcessHandle self = ProcessHandle.current();
      return new Snapshot(self.pid(), Processes.startedAt(self), parts);
    }

    /// Whether the supervisor that wrote it still runs; one of before it said when it began is
    /// known by its pid alone.
    @JsonIgnore
    boolean isAlive() {
      return ProcessHandle.of(pid)
          .filter(process -> startedAt == null || Processes.began(process, startedAt))
          .isPresent();
    }
  }

  /// @param pid −1 when there is no process
  /// @param startedAt start of the process, which tells it from a later one with the same pid
  /// @param deaths how often it has died since it was last ready
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Running(String name, long pid, int port, String state, String startedAt, int deaths) {

    /// The same part without a process.
    static Running stopped(String name, int port) {
      return new Running(name, -1, port, "stopped", "0", 0);
    }

    /// The same process, of which nothing is known yet.
    Running waiting() {
      return new Running(name, pid, port, "waiting", startedAt, 0);
    }

    Running as(String other) {
      return new Running(name, pid, port, other, startedAt, deaths);
    }

    /// It will not come up by being started once more.
    @JsonIgnore
    boolean isHopeless() {
      return deaths >= 4;
    }
  }

  private static final String RESTORED = "restored";
  private static final String FOLDER = "folder";
  private static final ObjectMapper JSON = new ObjectMapper();

  /// The folder that `COUNTERSIGN_STATE` names, else `.countersign/` in `home`.
  static StateFolder of(Map<String, String> environment, Path home) {
    String own = environment.get("COUNTERSIGN_STATE");
    Path root = own == null || own.isBlank() ? home.resolve(".countersign") : Path.of(own);
    return new StateFolder(root.toAbsolutePath().normalize());
  }

  /// A folder in it that only its owner can look into.
  Path closed(String name) {
    return folder(name, "rwx------");
  }

  /// A folder in it that others may pass through on the way to their own.
  Path folder(String name) {
    return folder(name, "rwx--x--x");
  }

  private Path folder(String name, String permissions) {
    try {
      // Whatever is made in it first: PostgreSQL's user has to pass through.
      make(root, "rwx--x--x");
      Path folder = root.resolve(name);
      make(folder, permissions);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException("the state folder " + root + " cannot be written", e);
    }
  }

  private static void make(Path folder, String permissions) throws IOException {
    if (!Files.isDirectory(folder)) {
      var mode = PosixFilePermissions.fromString(permissions);
      Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(mode));
      // Whatever the umask says.
      Files.setPosixFilePermissions(folder, mode);
    }
  }

  Path logs() {
    return closed("logs");
  }

  Path credentials() {
    return closed("credentials");
  }

  /// The credential that the target asks for, made at first use.
  Path targetCredential() {
    Path file = credentials().resolve("target");
    Secrets.create(file);
    return file;
  }

  /// What the operator proves themself to the ticket service with, made at first use.
  String operatorSecret() {
    return Secrets.create(closed("secrets").resolve("operator"));
  }

  /// What the operator proves themself to the audit service with, made at first use: another, so
  /// that neither service can speak for the operator to the other.
  String logOperatorSecret() {
    return Secrets.create(closed("secrets").resolve("log-operator"));
  }

  /// What the operator proves themself to the gateway with, made at first use: a third one, for the
  /// same reason.
  String gateOperatorSecret() {
    return Secrets.create(closed("secrets").resolve("gate-operator"));
  }

  /// The password of each database role, made at first use.
  Map<String, String> databasePasswords() {
    Path secrets = closed("secrets");
    Map<String, String> passwords = new HashMap<>();
    for (String role : DatabaseRoles.LOGINS) {
      passwords.put(role, Secrets.create(secrets.resolve("db-" + role + ".password")));
    }
    return passwords;
  }

  /// The password of the ticket service's key store, made at first use, in another folder than the
  /// store's: a copy of the one is no use without the other.
  Path keysPassword() {
    Path file = closed("secrets").resolve("ticket-keys.password");
    Secrets.create(file);
    return file;
  }

  /// Notes which backup was put back, and when that was said: a backup that is put back twice
  /// begins two epochs.
  void restored(String backup, Instant said) {
    try {
      Files.writeString(folder("").resolve(RESTORED), backup + ", said at " + said + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("the state folder " + root + " cannot be written", e);
    }
  }

  /// The backup that was put back last, as the operator named it, and when they did.
  Optional<String> restored() {
    Path file = root.resolve(RESTORED);
    try {
      return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  /// Takes the lock, or refuses when another supervisor holds it. It goes with the process.
  FileLock lock() {
    folder("");
    try {
      FileChannel channel =
          FileChannel.open(
              root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      // Whoever just asks whether it is held holds it for a moment.
      for (int again = 0; lock == null && again < 20; again++) {
        LockSupport.parkNanos(Duration.ofMillis(25).toNanos());
        lock = channel.tryLock();
      }
      if (lock == null) {
        channel.close();
        throw new StartRefused(
            "Countersign already runs on %s%s; see ./countersign status, or stop it with ./countersign down"
                .formatted(
                    root, snapshot().map(found -> " (process " + found.pid() + ")").orElse("")));
      }
      return lock;
    } catch (IOException e) {
      throw new UncheckedIOException("the state folder " + root + " cannot be locked", e);
    }
  }

  /// Whether a supervisor holds the lock at this moment.
  boolean locked() {
    Path file = root.resolve("lock");
    if (!Files.exists(file)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
      return lock == null;
    } catch (IOException e) {
      throw new UncheckedIOException("the lock " + file + " cannot be read", e);
    }
  }

  void write(Snapshot snapshot) {
    try {
      Path fresh = Files.createTempFile(root, "supervisor", ".json");
      try {
        ObjectNode written = JSON.valueToTree(snapshot);
        JSON.writeValue(fresh.toFile(), written.put(FOLDER, root.toRealPath().toString()));
        Files.move(fresh, root.resolve("supervisor.json"), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(fresh);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the state folder " + root + " cannot be written", e);
    }
  }

  /// The process of this part that lives here now, also where its supervisor was killed; empty
  /// where none does, whoever else may listen on its port.
  Optional<Running> living(String part) {
    return snapshot().stream()
        .flatMap(found -> LeftBehind.in(found).stream())
        .filter(each -> each.name().equals(part))
        .findFirst();
  }

  /// What the supervisor that runs or ran here wrote last; empty in a copy of its folder, too,
  /// which has none of these processes.
  Optional<Snapshot> snapshot() {
    Path file = root.resolve("supervisor.json");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode written = JSON.readTree(file.toFile());
      String folder = written.path(FOLDER).asText();
      return folder.isEmpty() || folder.equals(root.toRealPath().toString())
          ? Optional.of(JSON.treeToValue(written, Snapshot.class))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read; if nothing runs, delete it", e);
    }
  }
}
