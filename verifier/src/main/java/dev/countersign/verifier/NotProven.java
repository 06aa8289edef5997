package dev.countersign.verifier;

/// The first thing that is wrong, as a sentence for a person.
final class NotProven extends Exception {
  private static final long serialVersionUID = 1L;

  NotProven(String sentence) {
    super(sentence);
  }

  /// At this index of the log.
  static NotProven at(long index, String sentence) {
    return new NotProven(Fault.at(index, sentence).toString());
  }

  /// Throws where the condition does not hold.
  static void unless(boolean holds, String sentence) throws NotProven {
    if (!holds) {
      throw new NotProven(sentence);
    }
  }

  String sentence() {
    return String.valueOf(getMessage());
  }
}
