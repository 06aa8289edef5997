package dev.countersign.ticket.application;

import java.util.Locale;

/// How an action stands on file.
public enum Standing {
  PENDING,
  APPROVED,
  REJECTED,
  EXPIRED,
  CANCELLED,
  /// The policy said no; people were never asked.
  DENIED,
  /// Not a proposal that can be judged, shown or answered; people were never asked.
  REFUSED,
  /// Taken back before its verdict came.
  CANCEL_FIRST;

  /// The word in the database and in JSON, `cancel-first`.
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static Standing of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
  }
}
