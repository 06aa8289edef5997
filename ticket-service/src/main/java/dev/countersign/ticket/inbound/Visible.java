package dev.countersign.ticket.inbound;

import io.quarkus.qute.RawString;
import java.lang.Character.UnicodeScript;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Makes of any text HTML in which nothing can hide: markup is escaped; characters that turn, join
/// or vanish (bidirectional, zero-width, control, unassigned) stand there as their code points;
/// words that mix look-alike alphabets are marked.
final class Visible {

  private static final Pattern WORD =
      Pattern.compile("[\\p{L}\\p{M}\\p{Nd}]+|[^\\p{L}\\p{M}\\p{Nd}]+");
  private static final Set<UnicodeScript> LOOK_ALIKE =
      EnumSet.of(UnicodeScript.LATIN, UnicodeScript.CYRILLIC, UnicodeScript.GREEK);

  private Visible() {}

  /// One line of text.
  static RawString line(String text) {
    return html(text, false);
  }

  /// Text that keeps its line ends.
  static RawString lines(String text) {
    return html(text, true);
  }

  private static RawString html(String text, boolean keepLines) {
    StringBuilder html = new StringBuilder(text.length() + 16);
    Matcher words = WORD.matcher(text);
    while (words.find()) {
      boolean mixed = isMixed(words.group());
      if (mixed) {
        html.append("<mark class=\"mixed\">");
      }
      words.group().codePoints().forEach(c -> append(html, c, keepLines));
      if (mixed) {
        html.append("</mark> <span class=\"hint\">(mixed alphabets)</span>");
      }
    }
    return new RawString(html.toString());
  }

  private static void append(StringBuilder html, int c, boolean keepLines) {
    switch (c) {
      case '<' -> html.append("&lt;");
      case '>' -> html.append("&gt;");
      case '&' -> html.append("&amp;");
      case '"' -> html.append("&quot;");
      case '\'' -> html.append("&#39;");
      case '\n' -> html.append(keepLines ? "\n" : codePoint(c));
      default -> {
        if (isHidden(c)) {
          html.append(codePoint(c));
        } else {
          html.appendCodePoint(c);
        }
      }
    }
  }

  private static String codePoint(int c) {
    return "<mark class=\"point\">" + "U+%04X".formatted(c) + "</mark>";
  }

  private static boolean isHidden(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          true;
      // Of the spaces only the plain one is what it seems.
      case Character.SPACE_SEPARATOR -> c != ' ';
      default -> isBlankLetter(c);
    };
  }

  /// Letters and marks that are drawn as nothing: Hangul fillers, the blank Braille pattern, the
  /// combining grapheme joiner, variation selectors (Unicode 16, Default_Ignorable_Code_Point).
  private static boolean isBlankLetter(int c) {
    return c == 0x034F
        || c == 0x115F
        || c == 0x1160
        || c == 0x17B4
        || c == 0x17B5
        || c == 0x2800
        || c == 0x3164
        || c == 0xFFA0
        || (c >= 0x180B && c <= 0x180F)
        || (c >= 0xFE00 && c <= 0xFE0F)
        || (c >= 0xE0000 && c <= 0xE0FFF);
  }

  private static boolean isMixed(String word) {
    Set<UnicodeScript> scripts = EnumSet.noneOf(UnicodeScript.class);
    word.codePoints().mapToObj(UnicodeScript::of).forEach(scripts::add);
    scripts.retainAll(LOOK_ALIKE);
    return scripts.size() > 1;
  }
}
