package dev.countersign.sdk;

import org.jspecify.annotations.Nullable;

/// It was run, and the executor could not be told how it ended: people will have to look. Where
/// what was guarded threw, its own exception is thrown, and this one is suppressed in it.
public final class NotReported extends Exception {
  private static final long serialVersionUID = 1L;
  private final String code;
  private final transient Permit permit;
  private final Permit.Outcome status;
  private transient @Nullable Object result;

  NotReported(String code, String detail, Permit permit, Permit.Outcome status) {
    super(code + ": " + detail);
    this.code = code;
    this.permit = permit;
    this.status = status;
  }

  NotReported after(@Nullable Object returned) {
    this.result = returned;
    return this;
  }

  public String code() {
    return code;
  }

  /// By which it may be reported later.
  public Permit permit() {
    return permit;
  }

  /// What was to be reported.
  public Permit.Outcome status() {
    return status;
  }

  /// What was guarded returned this.
  public @Nullable Object result() {
    return result;
  }
}
