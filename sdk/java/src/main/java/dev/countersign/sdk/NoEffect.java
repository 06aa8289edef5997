package dev.countersign.sdk;

/// To be thrown by what is guarded where it certainly had no effect: reported as `failed`.
public class NoEffect extends Exception {
  private static final long serialVersionUID = 1L;

  public NoEffect(String message) {
    super(message);
  }
}
