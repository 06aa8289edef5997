package dev.countersign.messaging;

/// A record that cannot be taken in: it goes to `dead-letter` with this reason.
public final class Rejected extends Exception {

  private static final long serialVersionUID = 1L;
  private final String reason;

  /// @param reason a stable code (`lower-kebab`)
  /// @param detail a sentence that says what to do
  public Rejected(String reason, String detail) {
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
