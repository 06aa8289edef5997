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
      throw new NotADecimal();
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

  /// The text is no decimal number; which text, it does not say.
  public static final class NotADecimal extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    NotADecimal() {
      super("a value is not a decimal number such as 10000.00");
    }
  }
}
