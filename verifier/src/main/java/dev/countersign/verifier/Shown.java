package dev.countersign.verifier;

import java.util.Locale;

/// Text out of a file, fit for a terminal.
final class Shown {

  private static final int LONGEST = 200;

  private Shown() {}

  /// Control, formatting and other characters that are not seen as code points: what stands on the
  /// screen is what stands in the file.
  static String text(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints().limit(LONGEST).forEach(each -> append(shown, each));
    return text.codePointCount(0, text.length()) > LONGEST
        ? shown.append('…').toString()
        : shown.toString();
  }

  private static void append(StringBuilder shown, int codePoint) {
    switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          shown.append(String.format(Locale.ROOT, "U+%04X", codePoint));
      default -> shown.appendCodePoint(codePoint);
    }
  }
}
