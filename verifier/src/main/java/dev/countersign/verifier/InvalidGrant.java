package dev.countersign.verifier;

/// A token that is no grant of the ticket service, or none for what is at hand.
public final class InvalidGrant extends Exception {

  /// The reason where an authentic grant was given for another action.
  public static final String DIGEST = "grant-digest";

  /// The reason where no key that may sign grants signed it.
  public static final String KEY = "grant-key";

  /// The reason where nobody proves the approvals that an authentic grant names.
  public static final String UNPROVEN = "grant-unproven";

  private static final long serialVersionUID = 1L;
  private final String reason;

  /// @param reason a stable code that begins with `grant-`
  /// @param detail a sentence; it quotes nothing of the token
  public InvalidGrant(String reason, String detail) {
    super(detail);
    this.reason = reason;
  }

  /// Throws where the condition does not hold.
  static void unless(boolean holds, String reason, String detail) throws InvalidGrant {
    if (!holds) {
      throw new InvalidGrant(reason, detail);
    }
  }

  public String reason() {
    return reason;
  }

  public String detail() {
    return String.valueOf(getMessage());
  }
}
