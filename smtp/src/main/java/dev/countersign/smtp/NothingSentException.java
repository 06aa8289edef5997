package dev.countersign.smtp;

import java.io.IOException;

/// A connection to the mail server ended, and no mail had been begun on it.
public final class NothingSentException extends IOException {

  private static final long serialVersionUID = 1;

  NothingSentException(Throwable cause) {
    super(cause);
  }
}
