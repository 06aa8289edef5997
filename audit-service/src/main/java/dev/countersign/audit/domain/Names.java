package dev.countersign.audit.domain;

import java.text.Normalizer;
import java.util.Locale;

/// Names out of events, as the index has them. Anybody may have written them: what a database does
/// not take is replaced, and what is longer than a name is cut.
public final class Names {

  /// The longest, in UTF-16 units.
  public static final int LONGEST = 320;

  private Names() {}

  /// As it is shown.
  public static String shown(String name) {
    StringBuilder text = new StringBuilder(Math.min(name.length(), LONGEST));
    name.codePoints()
        .limit(LONGEST)
        .map(c -> c == 0 || (c >= 0xD800 && c <= 0xDFFF) ? 0xFFFD : c)
        .forEach(text::appendCodePoint);
    return text.length() <= LONGEST ? text.toString() : text.substring(0, safe(text));
  }

  private static int safe(CharSequence text) {
    return Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
  }

  /// By which it is found however it is spelt: NFKC, without blanks around it, in lower case.
  public static String key(String name) {
    return shown(
        Normalizer.normalize(shown(name), Normalizer.Form.NFKC).strip().toLowerCase(Locale.ROOT));
  }
}
