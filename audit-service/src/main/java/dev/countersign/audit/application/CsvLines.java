package dev.countersign.audit.application;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.countersign.events.Digest;
import dev.countersign.events.Shown;
import java.util.List;
import java.util.stream.Collectors;

/// A table for people (RFC 4180): one row an entry. What agents and people wrote stands there as
/// text: no cell is a formula to a program that opens it, and none has a line's end in it.
final class CsvLines implements ExportLines {

  private static final String LINE_END = "\r\n";

  private static final List<String> COLUMNS =
      List.of(
          "index", "time", "topic", "actionId", "agent", "tool", "person", "outcome", "leafHash");

  /// What spreadsheets take for a formula's beginning, also in its full width.
  private static final String FORMULAS = "=+-@\uFF1D\uFF0B\uFF0D\uFF20";

  private static final String BEGINNINGS = "=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20";
  // What parts the cells of a list where it is not the comma.
  private static final String PARTING = ";\t|";

  @Override
  public byte[] head() {
    return (String.join(",", COLUMNS) + LINE_END).getBytes(UTF_8);
  }

  @Override
  public byte[] line(LoggedEntry entry, Gist gist) {
    return List.of(
            Long.toString(entry.index()),
            entry.appendedAt().toString(),
            entry.topic(),
            entry.actionId() == null ? "" : entry.actionId().toString(),
            gist.caller().agent(),
            gist.caller().call(),
            gist.person(),
            gist.outcome(),
            Digest.ofHex(entry.leafHash().hex()).toString())
        .stream()
        .map(CsvLines::cell)
        .collect(Collectors.joining(",", "", LINE_END))
        .getBytes(UTF_8);
  }

  @Override
  public byte[] end(PeriodEnd end) {
    // A row that is no entry would be counted as one.
    return new byte[0];
  }

  private static String cell(String text) {
    return '"' + Shown.whole(defused(text)).replace("\"", "\"\"") + '"';
  }

  /// Without a beginning of a formula, also where whoever reads it has cells parted by another sign
  /// than the comma.
  private static String defused(String text) {
    StringBuilder defused = new StringBuilder();
    if (!text.isEmpty() && BEGINNINGS.indexOf(text.charAt(0)) >= 0) {
      defused.append('\'');
    }
    boolean begins = false;
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      if (begins && FORMULAS.indexOf(each) >= 0) {
        defused.append('\'');
      }
      defused.append(each);
      begins =
          PARTING.indexOf(each) >= 0
              || (begins && (each == '\'' || each == '"' || Character.isWhitespace(each)));
    }
    return defused.toString();
  }
}
