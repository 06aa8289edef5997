package dev.countersign.audit.application;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAmount;

/// How old something is, as the operator writes it: `P7Y`, `P90D`, `PT36H` (ISO 8601). PostgreSQL
/// reads the same.
final class Age {

  private Age() {}

  /// The same text, which is one. A setting that is none stops the start.
  static String checked(String setting, String text) {
    TemporalAmount amount = amount(setting, text);
    boolean negative =
        amount instanceof Period period ? period.isNegative() : ((Duration) amount).isNegative();
    if (negative) {
      throw new IllegalArgumentException(setting + " is negative: " + text);
    }
    return text;
  }

  /// Whether one is longer than the other, counted from today.
  static boolean isLonger(String one, String other, Instant now) {
    return before(one, now).isBefore(before(other, now));
  }

  private static Instant before(String text, Instant now) {
    return now.atZone(ZoneOffset.UTC).minus(amount("an age", text)).toInstant();
  }

  private static TemporalAmount amount(String setting, String text) {
    try {
      return text.contains("T") ? Duration.parse(text) : Period.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          setting + " is \"" + text + "\"; write it as P7Y, P90D or PT36H", e);
    }
  }
}
