package dev.countersign.witness;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import dev.countersign.tlog.VerifierKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The body of `POST /add-checkpoint` (C2SP tlog-witness, "add-checkpoint").
///
/// @param old how many entries the log believes that this witness cosigned last
/// @param proof that those are the beginning of the checkpoint's
record Submission(long old, List<Hash> proof, Note note, Checkpoint checkpoint) {

  private static final int MOST_PROOF_LINES = 63;
  private static final String OLD = "old ";

  Submission {
    proof = List.copyOf(proof);
  }

  /// Throws `IllegalArgumentException` with a sentence where it is none.
  static Submission read(byte[] body) {
    // Each byte a character: where the head ends in bytes is what counts.
    String bytes = new String(body, ISO_8859_1);
    int blank = bytes.indexOf("\n\n");
    if (blank < 0 || !bytes.startsWith(OLD)) {
      throw new IllegalArgumentException(
          "a submission is the line \"old <size>\", the proof, an empty line and the checkpoint");
    }
    List<String> head = List.of(bytes.substring(0, blank).split("\n", -1));
    String old = head.getFirst().substring(OLD.length());
    if (!old.matches("0|[1-9][0-9]{0,17}")) {
      throw new IllegalArgumentException("the old size is a decimal number");
    }
    if (head.size() > MOST_PROOF_LINES + 1) {
      throw new IllegalArgumentException("a proof has at most 63 lines");
    }
    Note note = Note.read(Arrays.copyOfRange(body, blank + 2, body.length));
    return new Submission(
        Long.parseLong(old),
        head.stream().skip(1).map(Hash::ofBase64).toList(),
        note,
        Checkpoint.read(note.text()));
  }

  String origin() {
    return checkpoint.origin();
  }

  /// The first signature under it that is good and by one of these keys.
  Optional<Note.Signature> signatureBy(List<VerifierKey> keys) {
    return note.signatures().stream()
        .filter(each -> keys.stream().anyMatch(key -> key.signed(note.text(), each)))
        .findFirst();
  }

  /// Whose it is, for the operator's log: on one line, whatever the submitter wrote.
  String about() {
    return "origin=%s old=%d size=%d".formatted(Quoted.text(origin()), old, checkpoint.size());
  }
}
