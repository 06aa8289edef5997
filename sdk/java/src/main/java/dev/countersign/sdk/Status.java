package dev.countersign.sdk;

import java.util.Arrays;
import java.util.Optional;

/// How a proposal stands. Only {@link #SUCCEEDED} and {@link #APPROVED} are a yes.
public enum Status {
  /// It was approved and done, unless a person found no effect ({@link Answer#reconciled()}).
  SUCCEEDED("succeeded", true),
  /// The answer is yes, and how it ended is not told yet: the grant is for whoever runs the tool.
  APPROVED("approved", false),
  /// An approver said no.
  REJECTED("rejected", true),
  /// The policy said no.
  DENIED("denied", true),
  /// Nobody answered in time, so the answer is no.
  EXPIRED("expired", true),
  /// It was taken back.
  CANCELLED("cancelled", true),
  /// The system did not take it, as invalid; the reason says what to do.
  REFUSED("refused", true),
  /// It was approved, and running it failed without an effect, unless a person found one.
  FAILED("failed", true),
  /// It was approved and not done: what it rests on had changed.
  PRECONDITION_FAILED("precondition-failed", true),
  /// It may have taken effect. Never repeat it blindly: people look into it.
  UNKNOWN("unknown", true),
  /// The caller's time is over, and no approver could be reached so far; an answer still counts.
  UNREACHABLE("unreachable", false),
  /// The caller's time is over, and there is no answer yet; it can be asked for later.
  WAITING("waiting", false),
  /// The caller's time is over, and the gateway did not say. Ask again under the same key.
  AWAY("away", false);

  private final String word;
  private final boolean last;

  Status(String word, boolean last) {
    this.word = word;
    this.last = last;
  }

  /// Nothing follows. After an approval its outcome does.
  public boolean isFinal() {
    return last;
  }

  /// After which an answer may still come.
  boolean isOpen() {
    return this == UNREACHABLE || this == WAITING || this == AWAY;
  }

  /// What the gateway's word means; empty where it is none of its words.
  static Optional<Status> of(String word) {
    // Being checked, and being carried out, are no answers yet.
    if (word.equals("received") || word.equals("executing")) {
      return Optional.of(WAITING);
    }
    return Arrays.stream(values())
        .filter(each -> each != AWAY && each.word.equals(word))
        .findFirst();
  }

  /// The word on the wire.
  @Override
  public String toString() {
    return word;
  }
}
