package dev.countersign.ticket.application;

import dev.countersign.events.Assurance;
import java.util.Locale;

/// How a session began, which is what the word of whoever holds it is worth.
public enum Began {
  /// By a code that was mailed to them.
  CODE,
  /// By a passkey of theirs.
  PASSKEY,
  /// By the word of an identity provider: it says who they are, and is no answer to anything.
  OIDC;

  /// What an answer is worth that nothing but the session vouches for. A passkey that opened a
  /// session has not signed the answer; only its revocation ends what was answered there.
  public Assurance assurance() {
    return switch (this) {
      case CODE, PASSKEY -> Assurance.CODE;
      case OIDC -> Assurance.SIGNED_IN;
    };
  }

  /// Whether it took a passkey.
  public boolean isPasskey() {
    return this == PASSKEY;
  }

  /// The word in the database, `passkey`.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Began of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
