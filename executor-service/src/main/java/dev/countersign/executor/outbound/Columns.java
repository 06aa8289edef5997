package dev.countersign.executor.outbound;

/// How words that strangers choose stand in columns.
final class Columns {

  private Columns() {}

  /// PostgreSQL's text holds every character but U+0000, which is written out.
  static String text(String text) {
    return text.replace("\0", "U+0000");
  }
}
