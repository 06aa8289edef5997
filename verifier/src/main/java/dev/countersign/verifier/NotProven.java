package dev.countersign.verifier;

/// The first thing that is wrong, as a sentence for a person.
public sealed class NotProven extends Exception permits NotCosigned {
  private static final long serialVersionUID = 1L;

  public NotProven(String sentence) {
    super(sentence);
  }

  /// At this index of the log.
  public static NotProven at(long index, String sentence) {
    return new NotProven(Fault.at(index, sentence).toString());
  }

  /// Throws where the condition does not hold.
  public static void unless(boolean holds, String sentence) throws NotProven {
    if (!holds) {
      throw new NotProven(sentence);
    }
  }

  public String sentence() {
    return String.valueOf(getMessage());
  }
}
