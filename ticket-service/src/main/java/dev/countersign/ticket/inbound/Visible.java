package dev.countersign.ticket.inbound;

import com.ibm.icu.text.SpoofChecker;
import dev.countersign.events.Shown;
import dev.countersign.ticket.application.Lookalikes;
import io.quarkus.qute.RawString;
import java.text.Normalizer;
import java.text.NumberFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Makes of any text HTML in which nothing can hide, after NFC: markup is escaped; characters that
/// turn, join or vanish (bidirectional, zero-width, control, unassigned), or that NFC would make
/// another of, stand there as their code points, and so do marks that pile up; words that mix
/// alphabets or digits of several (UTS #39 §5.2 and §5.3, "highly restrictive"), or look like a
/// known word and are another, are marked; what is long is cut where everybody sees it, and the
/// rest is one press away.
final class Visible {

  /// After so many characters, or lines, a text is cut.
  static final int LONGEST = 280;

  static final int MOST_LINES = 6;

  /// Scripts with the most marks on a letter have no more than that.
  private static final int MOST_MARKS = 4;

  /// More of them in a row push what follows out of sight; at the start of a line they indent.
  private static final int MOST_BLANKS = 8;

  private static final Pattern WORD =
      Pattern.compile("[\\p{L}\\p{M}\\p{Nd}]+|[^\\p{L}\\p{M}\\p{Nd}]+");
  private static final SpoofChecker ALPHABETS =
      new SpoofChecker.Builder()
          .setChecks(SpoofChecker.RESTRICTION_LEVEL | SpoofChecker.MIXED_NUMBERS)
          .setRestrictionLevel(SpoofChecker.RestrictionLevel.HIGHLY_RESTRICTIVE)
          .build();

  static final Visible PLAIN = new Visible(new English(), Locale.ENGLISH, Lookalikes.of(List.of()));

  private final VisibleWords words;
  private final Locale language;
  private final Lookalikes known;

  private Visible(VisibleWords words, Locale language, Lookalikes known) {
    this.words = words;
    this.language = language;
    this.known = known;
  }

  /// With hints in this language, and words that others are held against.
  static Visible in(VisibleWords words, Locale language, Lookalikes known) {
    return new Visible(words, language, known);
  }

  /// One line of text.
  static RawString line(String text) {
    return PLAIN.one(text);
  }

  /// Text that keeps its line ends.
  static RawString lines(String text) {
    return PLAIN.many(text);
  }

  /// One line of text.
  RawString one(String text) {
    return new RawString(whole(nfc(text)));
  }

  /// Text that keeps its line ends.
  RawString many(String text) {
    return new RawString(html(nfc(text), true));
  }

  /// One line for a heading or button, where a reader sees that it was cut; all of it must stand
  /// elsewhere.
  RawString cut(String text, int longest) {
    String all = nfc(text);
    int end = boundary(all, longest);
    return new RawString(html(all.substring(0, end), false) + (end < all.length() ? "…" : ""));
  }

  /// Whether {@link #cut} leaves something out.
  static boolean isCut(String text, int longest) {
    return nfc(text).length() > longest;
  }

  /// A line whose end, where it is long, unfolds.
  RawString folded(String text) {
    return folded(text, false);
  }

  /// Text that keeps its line ends, and whose end, where it is long, unfolds.
  RawString foldedLines(String text) {
    return folded(text, true);
  }

  private RawString folded(String text, boolean keepLines) {
    String all = nfc(text);
    int end = boundary(all, keepLines ? Math.min(LONGEST, endOfLines(all)) : LONGEST);
    if (end == all.length()) {
      return new RawString(keepLines ? html(all, true) : whole(all));
    }
    // A cut is no end: what stands at it has something beside it.
    String head = all.substring(0, end);
    String rest = all.substring(end);
    String more =
        words.more(NumberFormat.getIntegerInstance(language).format(rest.codePoints().count()));
    return new RawString(
        (keepLines ? html(head, true) : whole(head, true, false))
            + "<details class=\"rest\"><summary>"
            + escaped(more)
            + "</summary>"
            + (keepLines ? html(rest, true) : whole(rest, false, true))
            + "</details>");
  }

  private static int endOfLines(String text) {
    int end = -1;
    for (int line = 0; line < MOST_LINES; line++) {
      end = text.indexOf('\n', end + 1);
      if (end < 0) {
        return text.length();
      }
    }
    return end;
  }

  /// Where a text is cut without cutting a character in two.
  private static int boundary(String text, int longest) {
    if (text.length() <= longest) {
      return text.length();
    }
    return Character.isLowSurrogate(text.charAt(longest)) ? longest - 1 : longest;
  }

  /// But for the characters that NFC makes others of, as the Kelvin sign a K: what is compared or
  /// run is what was written, and a reader has to see that it is not what it seems.
  private static String nfc(String text) {
    if (Normalizer.isNormalized(text, Normalizer.Form.NFC)) {
      return text;
    }
    StringBuilder normal = new StringBuilder(text.length());
    int from = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      int next = i + Character.charCount(c);
      if (becomesAnother(c)) {
        normal.append(Normalizer.normalize(text.substring(from, i), Normalizer.Form.NFC));
        normal.appendCodePoint(c);
        from = next;
      }
      i = next;
    }
    return normal
        .append(Normalizer.normalize(text.substring(from), Normalizer.Form.NFC))
        .toString();
  }

  /// A singleton (UAX #15 §1.2). What is made of a letter and its mark looks the same either way.
  private static boolean becomesAnother(int c) {
    // Below U+0300 nothing does.
    if (c < 0x300 || isMark(c)) {
      return false;
    }
    String normal = Normalizer.normalize(Character.toString(c), Normalizer.Form.NFC);
    return normal.codePointCount(0, normal.length()) == 1 && normal.codePointAt(0) != c;
  }

  /// A line to its ends: a blank there shows no less than one that has something after it.
  private String whole(String line) {
    return whole(line, true, true);
  }

  private String whole(String line, boolean begins, boolean ends) {
    int from = 0;
    int to = line.length();
    while (ends && to > 0 && line.charAt(to - 1) == ' ') {
      to--;
    }
    while (begins && from < to && line.charAt(from) == ' ') {
      from++;
    }
    return blanks(from) + html(line.substring(from, to), false) + blanks(line.length() - to);
  }

  private static String blanks(int times) {
    return times == 0 ? "" : codePoint(' ', times);
  }

  private String html(String text, boolean keepLines) {
    StringBuilder html = new StringBuilder(text.length() + 16);
    Matcher found = WORD.matcher(text);
    while (found.find()) {
      String word = found.group();
      Optional<String> hint =
          isMixed(word) ? Optional.of(words.mixed()) : known.meantBy(word).map(words::alike);
      hint.ifPresent(_ -> html.append("<mark class=\"mixed\">"));
      append(html, word, keepLines);
      hint.ifPresent(it ->
          html.append("</mark> <span class=\"hint\">(").append(escaped(it)).append(")</span>"));
    }
    return html.toString();
  }

  private static void append(StringBuilder html, String word, boolean keepLines) {
    int[] points = word.codePoints().toArray();
    int marks = 0;
    // A mark needs a letter to stand on, or it stands on what comes before: on our words.
    boolean stands = false;
    for (int i = 0; i < points.length; i++) {
      int c = points[i];
      boolean mark = isMark(c);
      marks = mark ? marks + 1 : 0;
      boolean hides = isHidden(c, keepLines) || (mark && (!stands || marks > MOST_MARKS));
      if (!hides && c != ' ') {
        html.append(escaped(c));
        stands = true;
        continue;
      }
      int times = times(points, i);
      i += times - 1;
      if (hides || (times > MOST_BLANKS && !(keepLines && beginsLine(html)))) {
        html.append(codePoint(c, times));
        stands = false;
      } else {
        html.append(" ".repeat(times));
        stands = true;
      }
    }
  }

  private static boolean beginsLine(StringBuilder html) {
    return html.isEmpty() || html.charAt(html.length() - 1) == '\n';
  }

  /// How many of the same follow each other.
  private static int times(int[] points, int from) {
    int to = from;
    while (to < points.length && points[to] == points[from]) {
      to++;
    }
    return to - from;
  }

  private static boolean isMark(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK ->
          true;
      default -> false;
    };
  }

  private static String escaped(String text) {
    StringBuilder html = new StringBuilder(text.length());
    text.codePoints().forEach(c -> html.append(escaped(c)));
    return html.toString();
  }

  private static String escaped(int c) {
    return switch (c) {
      case '<' -> "&lt;";
      case '>' -> "&gt;";
      case '&' -> "&amp;";
      case '"' -> "&quot;";
      case '\'' -> "&#39;";
      default -> Character.toString(c);
    };
  }

  private static String codePoint(int c, int times) {
    return "<mark class=\"point\">"
        + "U+%04X".formatted(c)
        + (times == 1 ? "" : " ×" + times)
        + "</mark>";
  }

  private static boolean isHidden(int c, boolean keepLines) {
    return c == '\n' ? !keepLines : Shown.isHidden(c) || becomesAnother(c);
  }

  private static boolean isMixed(String word) {
    return ALPHABETS.failsChecks(word);
  }

  /// For the short texts of pages that hold nothing against what is known.
  private static final class English implements VisibleWords {
    @Override
    public String mixed() {
      return "mixed alphabets";
    }

    @Override
    public String alike(String word) {
      return "looks like " + word + " and is not";
    }

    @Override
    public String more(String count) {
      return "… " + count + " more characters";
    }
  }
}
