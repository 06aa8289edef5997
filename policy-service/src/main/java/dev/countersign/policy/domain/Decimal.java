package dev.countersign.policy.domain;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/// An exact decimal number, as money is: 10000 and 10000.00 are equal, and nothing is rounded.
public record Decimal(BigDecimal value) implements Comparable<Decimal> {

  // ASCII digits only, no exponent, no sign but minus: what a person would read in the same way.
  private static final Pattern FORM = Pattern.compile("-?[0-9]{1,30}(\\.[0-9]{1,30})?");

  /// Throws {@link NotADecimal} where the text is not digits with at most one point.
  public static Decimal of(String text) {
    if (!FORM.matcher(text).matches()) {
      throw new NotADecimal("a value is not a decimal number such as 10000.00");
    }
    return new Decimal(new BigDecimal(text));
  }

  public static Decimal of(long number) {
    return new Decimal(BigDecimal.valueOf(number));
  }

  @Override
  public int compareTo(Decimal other) {
    return value.compareTo(other.value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Decimal decimal && compareTo(decimal) == 0;
  }

  @Override
  public int hashCode() {
    return value.stripTrailingZeros().hashCode();
  }

  @Override
  public String toString() {
    return value.toPlainString();
  }

  /// Something is no decimal number; what, it does not say.
  public static final class NotADecimal extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private NotADecimal(String sentence) {
      super(sentence);
    }

    /// Of a value that is compared for equality with one.
    public static NotADecimal mixed() {
      return new NotADecimal(
          "a decimal number is compared by == or in with what is none; write decimal(\"10000.00\")");
    }
  }
}
