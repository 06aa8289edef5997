package dev.countersign.ticket.domain;

/// How much a meter may count; {@link #ENDLESS} where nobody set a number.
public record Budget(Meter meter, int most) {

  public static final int ENDLESS = Integer.MAX_VALUE;

  /// Whether one more is within it.
  boolean bears(Reading reading) {
    return reading.prompts() < most;
  }

  /// How a meter stands: what was let through, and what was not because it was over budget.
  public record Reading(int prompts, int withheld) {
    public static final Reading ZERO = new Reading(0, 0);

    Reading prompted() {
      return new Reading(prompts + 1, withheld);
    }

    Reading heldBack() {
      return new Reading(prompts, withheld + 1);
    }
  }
}
