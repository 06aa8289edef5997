package dev.countersign.notifier.outbound;

import java.io.IOException;

/// A connection to the mail server ended, and no mail had been begun on it.
final class NothingSentException extends IOException {

  private static final long serialVersionUID = 1;

  NothingSentException(Throwable cause) {
    super(cause);
  }
}
