package dev.countersign.events;

import java.util.Locale;

/// A stranger's text, fit for people's eyes: what stands on the screen, or on paper, is what stands
/// in it.
public final class Shown {

  private static final int LONGEST = 200;

  private Shown() {}

  /// One line, cut where it is long. Control, formatting and other characters that are not seen, or
  /// not seen as what they are, stand there as code points.
  public static String text(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints().limit(LONGEST).forEach(each -> append(shown, each));
    return text.codePointCount(0, text.length()) > LONGEST
        ? shown.append('…').toString()
        : shown.toString();
  }

  /// All of it, in one line.
  public static String whole(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints().forEach(each -> append(shown, each));
    return shown.toString();
  }

  /// All of it, with its line ends.
  public static String lines(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints()
        .forEach(each -> {
          if (each == '\n') {
            shown.append('\n');
          } else {
            append(shown, each);
          }
        });
    return shown.toString();
  }

  /// How a character stands there that can't be shown.
  public static String codePoint(int codePoint) {
    return String.format(Locale.ROOT, "U+%04X", codePoint);
  }

  private static void append(StringBuilder shown, int codePoint) {
    if (isHidden(codePoint)) {
      shown.append(codePoint(codePoint));
    } else {
      shown.appendCodePoint(codePoint);
    }
  }

  /// Whether it turns, joins or vanishes where it is shown, or steers a terminal; a line end does.
  public static boolean isHidden(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      // Of the spaces only the plain one is what it seems.
      case Character.SPACE_SEPARATOR -> codePoint != ' ';
      default -> isBlank(codePoint);
    };
  }

  /// Letters and marks that are drawn as nothing: Hangul fillers, the blank Braille pattern, the
  /// combining grapheme joiner, variation selectors (Unicode 16, Default_Ignorable_Code_Point).
  private static boolean isBlank(int codePoint) {
    return codePoint == 0x034F
        || codePoint == 0x115F
        || codePoint == 0x1160
        || codePoint == 0x17B4
        || codePoint == 0x17B5
        || codePoint == 0x2800
        || codePoint == 0x3164
        || codePoint == 0xFFA0
        || (codePoint >= 0x180B && codePoint <= 0x180F)
        || (codePoint >= 0xFE00 && codePoint <= 0xFE0F)
        || (codePoint >= 0xE0000 && codePoint <= 0xE0FFF);
  }
}
