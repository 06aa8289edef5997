package dev.countersign.audit.inbound;

/// Text from outside in which nothing hides: what turns, joins or vanishes stands there as its code
/// point. Templates escape markup.
final class Plain {

  /// More is cut, where everybody sees it; the evidence has all of it.
  private static final int LONGEST = 120;

  private Plain() {}

  static String text(String text) {
    StringBuilder plain = new StringBuilder();
    text.codePoints()
        .limit(LONGEST)
        .forEach(c -> {
          if (hides(c)) {
            plain.append("U+%04X".formatted(c));
          } else {
            plain.appendCodePoint(c);
          }
        });
    if (text.codePointCount(0, text.length()) > LONGEST) {
      plain.append('…');
    }
    return plain.toString();
  }

  private static boolean hides(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK ->
          true;
      case Character.SPACE_SEPARATOR -> c != ' ';
      default -> c == 0x115F || c == 0x1160 || c == 0x2800 || c == 0x3164 || c == 0xFFA0;
    };
  }
}
