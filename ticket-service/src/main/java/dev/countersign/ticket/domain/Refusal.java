package dev.countersign.ticket.domain;

import java.util.Locale;

/// Why a command is refused. What a person reads then is said by the pages, in their language.
public enum Refusal {
  /// It has been answered.
  ALREADY_DECIDED,
  /// They are not among those who may answer.
  NOT_ELIGIBLE,
  /// They are behind the request.
  OWN_REQUEST,
  /// They did not prove who they are as strongly as the policy asks.
  TOO_WEAK,
  /// The passkey behind it was revoked before it was counted.
  PASSKEY_REVOKED,
  /// The ticket is no longer what they looked at.
  STALE,
  /// They did not type what is shown.
  NOT_CONFIRMED,
  /// They want to trust the session further than the policy permits, or than they signed.
  TRUST_TOO_WIDE,
  /// No standing permission covers it.
  NOT_TRUSTED,
  /// Somebody holds the session that asks.
  HELD,
  /// They went fast lately, and this is of high risk: they should read it first.
  TOO_SOON;

  /// The stable code, `already-decided`.
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
