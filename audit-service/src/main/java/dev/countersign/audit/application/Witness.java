package dev.countersign.audit.application;

import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import java.util.List;

/// Somebody with a key and a memory of their own, who signs that the log only grew (C2SP
/// tlog-witness).
public interface Witness {

  /// Whether one was named.
  boolean present();

  /// The verifier keys of those who cosign, as far as they are known yet.
  List<String> keys();

  /// Asks for a cosignature. It may block, for some seconds.
  ///
  /// @param old the size that the witness signed last, as far as is known
  /// @param proof that the checkpoint's tree continues that of this size
  Answer cosign(long old, List<Hash> proof, Note checkpoint);

  /// What it says.
  sealed interface Answer {

    /// The checkpoint with its signature, which was verified.
    record Cosigned(Note note) implements Answer {}

    /// What it signed last has another size.
    record Elsewhere(long size) implements Answer {}

    /// It will not sign this: the log is not the one that it knows.
    record Inconsistent(String sentence) implements Answer {}

    /// No answer that says anything about the log; ask again later.
    record Away(String sentence) implements Answer {}
  }
}
