package dev.countersign.verifier;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `./countersign verify FILE [--keys JWKS]`: checks offline what a file proves. Exit 0 and what is
/// proven; 1 and the first thing that is wrong; 2 for a file that is none, or keys that are
/// missing.
public final class Verify {

  private static final String USAGE =
      """
      ./countersign verify FILE [--keys JWKS]

      FILE   an attestation, a vote-recorded or decision event, or GET /v1/evidence/{actionId}
      JWKS   the ticket service's public keys, as its /.well-known/jwks.json gives them;
             those of the state folder where none are named\
      """;

  private Verify() {}

  public static void main(String[] arguments) {
    String known = System.getProperty("countersign.jwks");
    Path keys = known != null && Files.exists(Path.of(known)) ? Path.of(known) : null;
    System.exit(run(List.of(arguments), keys, System.out, System.err));
  }

  /// @param known the keys where the arguments name none
  static int run(List<String> arguments, @Nullable Path known, PrintStream out, PrintStream err) {
    Path file = null;
    Path keys = known;
    for (int i = 0; i < arguments.size(); i++) {
      String each = arguments.get(i);
      if (each.equals("--keys") && i + 1 < arguments.size()) {
        i++;
        keys = Path.of(arguments.get(i));
      } else if (each.startsWith("--") || file != null) {
        err.println(USAGE);
        return 2;
      } else {
        file = Path.of(each);
      }
    }
    if (file == null) {
      err.println(USAGE);
      return 2;
    }
    return say(find(file, keys), out, err);
  }

  private static Finding find(Path file, @Nullable Path keys) {
    KeySet set;
    try {
      set = keys == null ? null : KeySet.read(Files.readAllBytes(keys));
    } catch (IOException | IllegalArgumentException e) {
      return new Finding.NotVerifiable(
          "The keys in " + keys + " can't be read: " + Shown.text(e.toString()));
    }
    try {
      return Verification.of(Files.readAllBytes(file), new TrustedKeys(set, null, List.of()));
    } catch (IOException e) {
      return new Finding.NotVerifiable("The file can't be read: " + Shown.text(e.toString()));
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
