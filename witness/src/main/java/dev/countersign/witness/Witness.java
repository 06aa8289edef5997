package dev.countersign.witness;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Durable;
import dev.countersign.tlog.KeyFile;
import dev.countersign.tlog.NoteSigner;
import dev.countersign.tlog.VerifierKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;

/// The program. In its folder are
///
/// ```
/// witness.key     its private key, mode 0600
/// witness.vkey    the public one, for whoever verifies
/// seen/           what was cosigned last, a file for each log
/// seen.index      the names of these files
/// ```
public final class Witness implements AutoCloseable {

  private final Seen seen;
  private final Door door;

  private Witness(Seen seen, Door door) {
    this.seen = seen;
    this.door = door;
  }

  public static void main(String[] arguments) {
    try {
      Witness witness = open(Settings.of(System.getenv()), InstantSource.system(), Witness::say);
      Runtime.getRuntime().addShutdownHook(new Thread(witness::stop, "stop"));
    } catch (IOException | IllegalArgumentException e) {
      say("the witness does not start: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void say(String line) {
    System.out.println(Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + line);
  }

  private void stop() {
    try {
      close();
      say("the witness has stopped");
    } catch (IOException e) {
      say("the witness has stopped, with its folder's lock still there: " + e);
    }
  }

  /// Starts it. Throws `IOException` with a sentence where its folder is not as it left it.
  static Witness open(Settings settings, InstantSource clock, Consumer<String> log)
      throws IOException {
    Path folder = settings.folder();
    Path key = folder.resolve("witness.key");
    Path memory = folder.resolve("seen");
    if (Files.exists(key) && !Files.isDirectory(memory)) {
      throw new IOException(
          memory
              + " is gone, and with it what was cosigned with "
              + key
              + ". Put back its newest copy; or take the key away as well, and be another witness");
    }
    Durable.makeFolder(folder);
    Durable.makeFolder(memory);
    NoteSigner signer = KeyFile.open(key, settings.name(), VerifierKey.Kind.WITNESS);
    Durable.write(folder.resolve("witness.vkey"), (signer.key() + "\n").getBytes(UTF_8));
    Seen seen = Seen.open(memory, signer.key());
    try {
      Tally tally = new Tally();
      for (Path file : seen.files()) {
        remember(seen, file, tally, log);
      }
      for (Path file : seen.missing()) {
        log.accept(
            "nothing of one log is cosigned: " + file + " is gone. Put back its newest copy");
      }
      KnownLogs logs = new KnownLogs(settings.logs(), log);
      Cosign cosign = new Cosign(signer, logs, seen, clock);
      Door door =
          Door.open(settings.address(), cosign, signer.key().toString(), tally, seen::missing, log);
      log.accept(
          "the witness %s listens on port %d, with the keys of %d logs"
              .formatted(signer.key(), door.port(), logs.all().size()));
      return new Witness(seen, door);
    } catch (IOException | RuntimeException e) {
      seen.close();
      throw e;
    }
  }

  private static void remember(Seen seen, Path file, Tally tally, Consumer<String> log) {
    try {
      Checkpoint held = seen.read(file);
      tally.holds(held);
    } catch (IOException e) {
      // Of the other logs it still knows what they were.
      log.accept("nothing of one log is cosigned: " + e.getMessage());
    }
  }

  int port() {
    return door.port();
  }

  @Override
  public void close() throws IOException {
    door.close();
    seen.close();
  }
}
