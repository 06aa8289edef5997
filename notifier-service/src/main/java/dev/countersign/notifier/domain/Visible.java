package dev.countersign.notifier.domain;

/// Text in which nothing hides: control, format and bidirectional characters are written as their
/// code points (`U+202E`), so that a title can neither forge a header nor turn a line around.
public final class Visible {

  private Visible() {}

  /// The text with every character that has no glyph of its own spelled out.
  public static String of(String text) {
    StringBuilder visible = new StringBuilder(text.length());
    text.codePoints()
        .forEach(point -> {
          if (hidden(point)) {
            visible.append("U+%04X".formatted(point));
          } else {
            visible.appendCodePoint(point);
          }
        });
    return visible.toString();
  }

  /// The same, at most `length` characters, with an ellipsis where something was cut off.
  public static String of(String text, int length) {
    String visible = of(text);
    if (visible.codePointCount(0, visible.length()) <= length) {
      return visible;
    }
    return visible.substring(0, visible.offsetByCodePoints(0, length - 1)) + "…";
  }

  private static boolean hidden(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }
}
