package dev.countersign.witness;

import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Note;

/// What the witness says to a checkpoint.
sealed interface Answer {

  /// It is kept, and this is the witness's signature under it.
  record Cosigned(Checkpoint checkpoint, Note.Signature signature) implements Answer {}

  /// @param about whose checkpoint it was, for the operator; empty where that is not known
  /// @param sentence what is wrong, for whoever submitted it and for the operator
  record Refused(Reason reason, String about, String sentence) implements Answer {}

  /// The log goes on from another size than was cosigned last; with the right one, and the proof
  /// from there, it may come again.
  ///
  /// @param held what was cosigned last; 0 where nothing was
  record OtherSize(long held, String about, String sentence) implements Answer {}
}
