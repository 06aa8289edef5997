package dev.countersign.sdk;

/// The call must not be run: {@link #code()} is stable, the message says why and what to do.
public final class NotPermitted extends Exception {
  private static final long serialVersionUID = 1L;
  private final String code;

  NotPermitted(String code, String detail) {
    super(code + ": " + detail);
    this.code = code;
  }

  static void unless(boolean holds, String code, String detail) throws NotPermitted {
    if (!holds) {
      throw new NotPermitted(code, detail);
    }
  }

  public String code() {
    return code;
  }
}
