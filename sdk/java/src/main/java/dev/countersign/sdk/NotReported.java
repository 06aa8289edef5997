package dev.countersign.sdk;

/// It was run, and the executor could not be told how it ended: people will have to look.
public final class NotReported extends Exception {
  private static final long serialVersionUID = 1L;
  private final String code;

  NotReported(String code, String detail) {
    super(code + ": " + detail);
    this.code = code;
  }

  public String code() {
    return code;
  }
}
