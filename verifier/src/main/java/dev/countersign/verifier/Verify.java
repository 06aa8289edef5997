package dev.countersign.verifier;

import dev.countersign.events.Shown;
import dev.countersign.tlog.VerifierKey;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `./countersign verify FILE|FOLDER|URL`: checks what a file or a log proves, by public keys
/// alone. Exit 0 and what is proven; 1 and the first thing that is wrong; 2 for what is none of
/// ours, can't be verified any more, is not cosigned yet, or lacks a key.
public final class Verify {

  private static final String USAGE =
      """
      ./countersign verify FILE [--keys JWKS] [--log KEY] [--witness KEY]
      ./countersign verify FOLDER|URL [--log KEY] [--witness KEY] [--since CHECKPOINT]

      FILE        an attestation, a vote-recorded or decision event, or an action's evidence,
                  GET /v1/evidence/{actionId}
      FOLDER      a log in its files: checkpoint, tile/… (C2SP tlog-tiles)
      URL         a running log, such as http://localhost:8085
      --keys      the ticket service's public keys, as its /.well-known/jwks.json gives them
      --log       the file with the log's verifier key, as the audit service's /vkey gives it
      --witness   the file with the keys of the witnesses that must have cosigned, one a line
      --since     a checkpoint that was kept from before: the log must begin with it

      Keys that are not named are those of the state folder, where it has them.\
      """;

  private Verify() {}

  public static void main(String[] arguments) {
    Map<String, Path> known = known(Arguments.KEYS, Arguments.LOG, Arguments.WITNESS);
    System.exit(run(List.of(arguments), known, System.out, System.err));
  }

  /// The keys that lie in the state folder, by their option; where it is says the front door.
  public static Map<String, Path> known(String... options) {
    Map<String, Path> known = new HashMap<>();
    for (String option : options) {
      String file = System.getProperty("countersign.verify." + option.substring(2));
      if (file != null && Files.exists(Path.of(file))) {
        known.put(option, Path.of(file));
      }
    }
    return known;
  }

  /// @param known the keys where the arguments name none, by their option
  public static int run(
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
              read.get().option(Arguments.KEYS),
              read.get().option(Arguments.LOG),
              read.get().option(Arguments.WITNESS));
    } catch (IOException | IllegalArgumentException e) {
      err.println("The keys can't be read: " + reason(e) + ".");
      return 2;
    }
    return say(find(read.get(), trusted), out, err);
  }

  private static Finding find(Arguments arguments, TrustedKeys trusted) {
    String what = arguments.what();
    Path since = arguments.option(Arguments.SINCE);
    try {
      if (what.startsWith("http://") || what.startsWith("https://")) {
        return log(LogFiles.Http.of(URI.create(what)), trusted, since);
      }
      if (Files.isDirectory(Path.of(what))) {
        return log(new LogFiles.Folder(Path.of(what)), trusted, since);
      }
      if (since != null) {
        return new Finding.NotVerifiable(
            "A file has no beginning to compare: --since is for a log, a folder or a URL.");
      }
      return Verification.of(Files.readAllBytes(Path.of(what)), trusted);
    } catch (IOException | IllegalArgumentException e) {
      return new Finding.NotVerifiable(Shown.text(what) + " can't be read: " + reason(e) + ".");
    }
  }

  /// Why something could not be read or written.
  public static String reason(Exception e) {
    return e instanceof NoSuchFileException
        ? "there is no " + Shown.text(String.valueOf(e.getMessage()))
        : Shown.text(String.valueOf(e.getMessage()));
  }

  private static Finding log(LogFiles files, TrustedKeys trusted, @Nullable Path since)
      throws IOException {
    try (files) {
      VerifierKey log = trusted.log();
      if (log == null) {
        return Finding.NotVerifiable.WITHOUT_LOG_KEY;
      }
      byte[] remembered = since == null ? null : Files.readAllBytes(since);
      return new Finding.Proven(LogVerifier.check(files, log, trusted.witnesses(), remembered));
    } catch (NotCosigned e) {
      return Finding.NotVerifiable.yet(e);
    } catch (NotProven e) {
      return new Finding.Wrong(e.sentence());
    }
  }

  private static int say(Finding finding, PrintStream out, PrintStream err) {
    return switch (finding) {
      case Finding.Proven proven -> {
        out.println("verified: " + proven.sentence());
        yield 0;
      }
      case Finding.Wrong wrong -> {
        out.println("NOT VERIFIED: " + wrong.sentence());
        yield 1;
      }
      case Finding.NotVerifiable none -> {
        err.println(none.sentence());
        yield 2;
      }
    };
  }
}
