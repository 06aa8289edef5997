package dev.countersign.audit.application;

/// How entries are spelled, a line each, in the order in which they are given.
sealed interface ExportLines permits JsonLines, CsvLines, OcsfLines {

  /// What stands before the first.
  byte[] head();

  /// An entry's line, with its end.
  byte[] line(LoggedEntry entry, Gist gist);

  /// What stands after the last.
  byte[] end(PeriodEnd end);
}
