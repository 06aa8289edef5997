package dev.countersign.audit.application;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Durable;
import dev.countersign.tlog.KeyFile;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.NoteSigner;
import dev.countersign.tlog.VerifierKey;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// The log's name and the key under which it speaks. Beside the private key lies the public one,
/// for whoever verifies: `log.vkey`.
@Startup
@ApplicationScoped
public class LogKey {

  private static final String PUBLIC = "log.vkey";
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final NoteSigner signer;

  @Inject
  LogKey(
      Tree tree,
      @ConfigProperty(name = "countersign.log.origin") String origin,
      @ConfigProperty(name = "countersign.log.key") Path file) {
    // The database first: another instance makes the key before it signs.
    boolean signed =
        tree.signed()
            .map(Optional::isPresent)
            // What can't be read now was signed all the same; CheckHistory says what is wrong with
            // it.
            .onFailure(IllegalArgumentException.class)
            .recoverWithItem(true)
            .await()
            .atMost(PATIENCE);
    if (signed && !Files.exists(file)) {
      throw new IllegalStateException(
          "the database has a log, and the key that it is signed with is not at "
              + file
              + ", which countersign.log.key names: put the key back; where nobody has it any more,"
              + " this log has ended, and another begins under another countersign.log.origin with"
              + " an empty schema audit (docs/runbooks/log.md)");
    }
    try {
      signer = KeyFile.open(file, origin, VerifierKey.Kind.LOG);
      publish(file.toAbsolutePath().resolveSibling(PUBLIC));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the log's key can't be had; countersign.log.key names its file, countersign.log.origin"
              + " the log",
          e);
    }
  }

  private void publish(Path file) throws IOException {
    String line = signer.key() + "\n";
    if (Files.exists(file) && Files.readString(file, US_ASCII).equals(line)) {
      return;
    }
    // Others read it while it is written.
    Durable.write(file, line.getBytes(US_ASCII));
  }

  /// What its checkpoints are verified with.
  public VerifierKey publicKey() {
    return signer.key();
  }

  /// The log's name.
  public String origin() {
    return signer.key().name();
  }

  /// Signs a checkpoint.
  public Note sign(Checkpoint checkpoint) {
    return signer.sign(checkpoint.text(), Instant.EPOCH);
  }
}
