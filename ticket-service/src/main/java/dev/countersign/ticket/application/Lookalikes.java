package dev.countersign.ticket.application;

import com.ibm.icu.text.SpoofChecker;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Words that are known, and how to tell one of them from another that only looks like it (UTS #39
/// §4, confusable detection).
public final class Lookalikes {

  // Of shorter ones too many are drawn alike.
  private static final int SHORTEST = 3;
  private static final Pattern BETWEEN = Pattern.compile("[^\\p{L}\\p{M}\\p{N}]+");
  private static final SpoofChecker CHECKER =
      new SpoofChecker.Builder().setChecks(SpoofChecker.CONFUSABLE).build();

  private final Set<String> known = new HashSet<>();
  private final Map<String, String> bySkeleton = new HashMap<>();

  private Lookalikes(Collection<String> texts) {
    for (String text : texts) {
      for (String word : BETWEEN.split(text)) {
        if (isLong(word) && known.add(word)) {
          bySkeleton.putIfAbsent(skeleton(word), word);
        }
      }
    }
  }

  /// The words of these texts; the first of those that look alike is the one that is meant.
  public static Lookalikes of(Collection<String> texts) {
    return new Lookalikes(texts);
  }

  /// The known word that this one looks like and is not.
  public Optional<String> meantBy(String word) {
    return !isLong(word) || known.contains(word)
        ? Optional.empty()
        : Optional.ofNullable(found(word));
  }

  private @Nullable String found(String word) {
    return bySkeleton.isEmpty() ? null : bySkeleton.get(skeleton(word));
  }

  private static boolean isLong(String word) {
    return word.codePointCount(0, word.length()) >= SHORTEST;
  }

  /// What all texts have in common that look alike.
  public static String skeleton(String text) {
    return CHECKER.getSkeleton(text);
  }
}
