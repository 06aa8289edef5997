package dev.countersign.mirror;

import dev.countersign.events.Shown;
import dev.countersign.tlog.VerifierKey;
import dev.countersign.verifier.Finding;
import dev.countersign.verifier.LogFiles;
import dev.countersign.verifier.NotProven;
import dev.countersign.verifier.TrustedKeys;
import dev.countersign.verifier.Verify;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `./countersign mirror URL FOLDER|s3://BUCKET/PREFIX`: keeps a copy of a running log in static
/// files. Exit 0 where the copy is where the log is; 1 and the first thing that is wrong, with the
/// copy as it was; 2 where it can't be read, written, or lacks a key.
public final class Mirror {

  private static final String USAGE =
      """
      ./countersign mirror URL FOLDER [--log KEY] [--witness KEY] [--follow [SECONDS]]
      ./countersign mirror URL s3://BUCKET/PREFIX [--endpoint URL] [--region REGION] …

      URL         a running log, such as http://localhost:8085
      FOLDER      where the copy is kept: checkpoint, tile/… (C2SP tlog-tiles)
      --endpoint  of an S3-compatible server that is not Amazon's; credentials come from the
                  environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), a profile or a role
      --log       the file with the log's verifier key, as the audit service's /vkey gives it
      --witness   the file with the keys of the witnesses that must have cosigned, one a line
      --follow    again and again, each minute or after so many seconds, until something is wrong

      Keys that are not named are those of the state folder, where it has them.\
      """;

  private Mirror() {}

  public static void main(String[] arguments) {
    Map<String, Path> known = Verify.known(Arguments.LOG, Arguments.WITNESS);
    System.exit(run(List.of(arguments), known, System.out, System.err));
  }

  /// @param known the keys where the arguments name none, by their option
  static int run(
      List<String> arguments, Map<String, Path> known, PrintStream out, PrintStream err) {
    Optional<Arguments> read = Arguments.read(arguments, known);
    if (read.isEmpty()) {
      err.println(USAGE);
      return 2;
    }
    TrustedKeys trusted;
    try {
      trusted =
          TrustedKeys.read(
              null, read.get().file(Arguments.LOG), read.get().file(Arguments.WITNESS));
    } catch (IOException | IllegalArgumentException e) {
      err.println("The keys can't be read: " + Verify.reason(e) + ".");
      return 2;
    }
    VerifierKey log = trusted.log();
    if (log == null) {
      err.println(Finding.NotVerifiable.WITHOUT_LOG_KEY.sentence());
      return 2;
    }
    String target = Shown.text(read.get().target());
    try (LogFiles files = LogFiles.Http.of(read.get().log());
        Target mirror = read.get().open()) {
      CopyLog copy = new CopyLog(files, mirror, log, trusted.witnesses());
      return run(copy, target, read.get().follow(), out, err);
    } catch (IOException | IllegalArgumentException e) {
      err.println(target + " can't be opened: " + Verify.reason(e) + ".");
      return 2;
    }
  }

  private static int run(
      CopyLog copy, String target, @Nullable Duration follow, PrintStream out, PrintStream err) {
    boolean said = false;
    while (true) {
      int exit;
      try {
        CopyLog.Copied copied = copy.run();
        if (!said || copied.files() > 0) {
          out.println("mirrored to " + target + ": " + copied.sentence());
          said = true;
        }
        exit = 0;
      } catch (NotProven e) {
        out.println("NOT MIRRORED: " + e.sentence());
        return 1;
      } catch (IOException | IllegalArgumentException e) {
        err.println("It can't be mirrored: " + Verify.reason(e) + ".");
        exit = 2;
      }
      if (follow == null) {
        return exit;
      }
      try {
        // What is away comes back; what is wrong stays so.
        Thread.sleep(follow);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return exit;
      }
    }
  }
}
