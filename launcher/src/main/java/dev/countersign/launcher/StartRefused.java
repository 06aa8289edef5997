package dev.countersign.launcher;

/// The system cannot be started as things are; the message says what to do about it.
public final class StartRefused extends RuntimeException {

  private static final long serialVersionUID = 1L;

  StartRefused(String message) {
    super(message);
  }
}
