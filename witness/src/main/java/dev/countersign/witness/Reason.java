package dev.countersign.witness;

import java.util.Locale;

/// Why a checkpoint is not cosigned, and how HTTP says it.
enum Reason {
  MALFORMED(400),
  /// The log goes on from more entries than it has.
  SMALLER_THAN_OLD(400),
  NO_GOOD_SIGNATURE(403),
  UNKNOWN_LOG(404),
  /// The log goes on from another size than was cosigned last.
  OTHER_SIZE(409),
  /// As many entries as were cosigned, and not the same.
  FORKED(409),
  TOO_LARGE(413),
  NOT_CONSISTENT(422),
  /// What was cosigned last can't be read, or the next can't be kept.
  STORE(500);

  private final int status;

  Reason(int status) {
    this.status = status;
  }

  int status() {
    return status;
  }

  /// As it stands in the log and on the metric.
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
