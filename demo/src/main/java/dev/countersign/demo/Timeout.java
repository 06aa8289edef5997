package dev.countersign.demo;

/// What was waited for did not come.
public final class Timeout extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public Timeout(String what) {
    super(what);
  }
}
