package dev.countersign.ticket.domain;

import java.util.Locale;

/// Why a command is refused, with the sentence that a person reads.
public enum Refusal {
  ALREADY_DECIDED("This has been answered already. Your answer changes nothing."),
  NOT_ELIGIBLE("You are not among the people who may answer this. Ask one of those who are."),
  OWN_REQUEST("This request is yours, or made on your behalf, so somebody else must answer it."),
  TOO_WEAK("This approval needs a passkey. A mailed code is not enough; you can still reject."),
  STALE("The ticket has changed since you opened it. Look at it again, then answer."),
  NOT_CONFIRMED("What you typed is not what is shown. Type the value exactly as it stands there.");

  private final String sentence;

  Refusal(String sentence) {
    this.sentence = sentence;
  }

  /// A sentence that says what to do.
  public String sentence() {
    return sentence;
  }

  /// The stable code, `already-decided`.
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
