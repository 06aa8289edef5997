package dev.countersign.notifier.domain;

/// How far a message got.
public enum State {
  /// It waits for its first or next attempt.
  QUEUED,
  /// An attempt is under way, or its end was never seen.
  SENDING,
  /// The next hop has it.
  ACCEPTED,
  /// It will not be sent any more.
  FAILED;

  /// As it stands in the database.
  public String code() {
    return switch (this) {
      case QUEUED -> "queued";
      case SENDING -> "sending";
      case ACCEPTED -> "accepted";
      case FAILED -> "failed";
    };
  }

  /// Throws `IllegalArgumentException` for a code that is none.
  public static State of(String code) {
    for (State state : values()) {
      if (state.code().equals(code)) {
        return state;
      }
    }
    throw new IllegalArgumentException("no such state: " + code);
  }
}
