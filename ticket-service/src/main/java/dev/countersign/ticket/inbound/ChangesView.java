package dev.countersign.ticket.inbound;

import dev.countersign.ticket.domain.Comparison;
import dev.countersign.ticket.domain.Precedents;
import io.quarkus.qute.RawString;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.text.NumberFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Lays out what is new about a question.
///
/// @param unprecedented whether nothing like it was ever approved
/// @param lastPath the page of the last one like it; absent where there is none
/// @param lastAt when that one was approved
/// @param same whether it asks the very same as that one
/// @param changes what had another value then, or was not there, or is there no more
/// @param newTarget whether nobody ever approved this target
record ChangesView(
    boolean unprecedented,
    @Nullable String lastPath,
    @Nullable String lastAt,
    boolean same,
    List<Change> changes,
    boolean newTarget) {

  private static final BigDecimal LARGE = BigDecimal.TEN;

  ChangesView {
    changes = List.copyOf(changes);
  }

  /// @param before absent where it was not there; nor is `now` where it is there no more
  /// @param factor `×10`, where a number changed by a factor worth saying
  /// @param much whether it is ten times as much or more
  record Change(
      RawString label,
      @Nullable RawString before,
      @Nullable RawString now,
      @Nullable String factor,
      boolean much) {}

  static ChangesView of(
      Comparison comparison,
      Visible visible,
      Moments moments,
      Locale language,
      String targetLabel) {
    Precedents.Precedent last = comparison.last();
    return new ChangesView(
        comparison.unprecedented(),
        last == null ? null : "/tickets/" + last.actionId(),
        last == null ? null : moments.at(last.at()),
        comparison.same(),
        last == null
            ? List.of()
            : comparison.differences().stream()
                .map(each -> change(each, visible, language, targetLabel))
                .toList(),
        comparison.differences().stream()
            .anyMatch(each -> each.isNew() && each.label().equals(Precedents.TARGET)));
  }

  private static Change change(
      Comparison.Difference difference, Visible visible, Locale language, String targetLabel) {
    String before = difference.before();
    String now = difference.now();
    BigDecimal factor = difference.factor();
    return new Change(
        difference.label().equals(Precedents.TARGET)
            ? visible.one(targetLabel)
            : visible.folded(difference.label()),
        before == null ? null : visible.folded(before),
        now == null ? null : visible.folded(now),
        factor == null ? null : factor(factor, language),
        factor != null && factor.compareTo(LARGE) >= 0);
  }

  /// Two digits are enough to see by how much; a factor close to one says nothing.
  private static @Nullable String factor(BigDecimal factor, Locale language) {
    if (factor.signum() <= 0) {
      return null;
    }
    boolean whole = factor.compareTo(LARGE) >= 0;
    BigDecimal rounded =
        whole
            ? factor.setScale(0, RoundingMode.HALF_UP)
            : factor.round(new MathContext(2, RoundingMode.HALF_UP));
    if (rounded.compareTo(BigDecimal.ONE) == 0) {
      return null;
    }
    NumberFormat format = NumberFormat.getNumberInstance(language);
    format.setMaximumFractionDigits(6);
    return "×" + format.format(rounded);
  }
}
