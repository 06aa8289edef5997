package dev.countersign.executor.application;

/// A token that is no grant of the ticket service.
public final class InvalidGrant extends Exception {

  private static final long serialVersionUID = 1L;
  private final String reason;

  /// @param reason a stable code that begins with `grant-`
  /// @param detail a sentence; it quotes nothing of the token
  public InvalidGrant(String reason, String detail) {
    super(detail);
    this.reason = reason;
  }

  public String reason() {
    return reason;
  }

  public String detail() {
    return String.valueOf(getMessage());
  }
}
