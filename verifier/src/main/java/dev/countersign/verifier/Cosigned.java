package dev.countersign.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.countersign.events.Shown;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.VerifierKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A checkpoint that holds: signed by the log, and cosigned by each witness that was asked for.
///
/// @param cosignatures by whom and when, as a sentence says it
public record Cosigned(Note note, Checkpoint tree, VerifierKey log, List<String> cosignatures) {

  public Cosigned {
    cosignatures = List.copyOf(cosignatures);
  }

  /// Throws where the note holds less than that.
  public static Cosigned read(byte[] bytes, VerifierKey log, List<VerifierKey> witnesses)
      throws NotProven {
    Note note;
    Checkpoint tree;
    try {
      note = Note.read(bytes);
      tree = Checkpoint.read(note.text());
    } catch (IllegalArgumentException e) {
      throw new NotProven(
          "the checkpoint can't be read: " + Shown.text(String.valueOf(e.getMessage())));
    }
    // Base64 has several spellings, and a file that was changed must not pass as the same.
    NotProven.unless(
        note.toString().equals(new String(bytes, UTF_8)), "the checkpoint is not in plain form");
    NotProven.unless(
        log.signed(note),
        "the checkpoint is not signed by the log " + log.name() + " with the key at hand");
    NotProven.unless(
        tree.origin().equals(log.name()),
        "the checkpoint is of another log: " + Shown.text(tree.origin()));
    List<String> cosignatures = new ArrayList<>();
    for (VerifierKey each : witnesses) {
      Optional<Instant> at = each.cosigned(note);
      // Without a line of its own it has not answered; with one that is not good, it never did.
      if (at.isEmpty()
          && note.signatures().stream().noneMatch(it -> it.name().equals(each.name()))) {
        throw new NotCosigned(each.name());
      }
      NotProven.unless(
          at.isPresent(), "the witness " + each.name() + " has not cosigned the checkpoint");
      at.ifPresent(it -> cosignatures.add(each.name() + " at " + it));
    }
    return new Cosigned(note, tree, log, cosignatures);
  }

  /// Who stands behind it.
  public String sentence() {
    return "The checkpoint at "
        + tree.size()
        + " entries is signed by "
        + Shown.text(log.name())
        + (cosignatures.isEmpty()
            ? "; no witness was asked for."
            : " and cosigned by " + Shown.text(String.join(", ", cosignatures)) + ".");
  }
}
