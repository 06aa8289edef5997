package dev.countersign.notifier.domain;

import dev.countersign.events.Reason;

/// Why a message did not reach its recipient, as far as we know.
public enum Failure {
  NO_ADDRESS,
  CHANNEL_NOT_AVAILABLE,
  REFUSED_BY_SERVER,
  TOO_LATE,
  IN_DOUBT,
  ANSWERED_FIRST;

  /// As it stands in the database and on the topic.
  public String code() {
    return switch (this) {
      case NO_ADDRESS -> "no-address";
      case CHANNEL_NOT_AVAILABLE -> "channel-not-available";
      case REFUSED_BY_SERVER -> "refused-by-server";
      case TOO_LATE -> "too-late";
      case IN_DOUBT -> "in-doubt";
      case ANSWERED_FIRST -> "answered-first";
    };
  }

  /// Code and a sentence that says what to do.
  public Reason reason() {
    return new Reason(
        code(),
        switch (this) {
          case NO_ADDRESS -> "approvers.yaml has no mail address for this approver; add one.";
          case CHANNEL_NOT_AVAILABLE ->
              "None of the channels that the rule names is set up; add mail to its channels.";
          case REFUSED_BY_SERVER ->
              "The mail server refused the message for good; check the address in approvers.yaml"
                  + " and the server's log.";
          case TOO_LATE ->
              "The mail server could not be reached before the deadline; check that it is up.";
          case IN_DOUBT ->
              "The connection or the process ended while the mail went out. It may have arrived, so"
                  + " it is not sent again; a reminder follows while the ticket is open.";
          case ANSWERED_FIRST ->
              "The ticket was answered before this message could be sent; nothing to do.";
        });
  }

  /// Throws `IllegalArgumentException` for a code that is none.
  public static Failure of(String code) {
    for (Failure failure : values()) {
      if (failure.code().equals(code)) {
        return failure;
      }
    }
    throw new IllegalArgumentException("no such failure: " + code);
  }
}
