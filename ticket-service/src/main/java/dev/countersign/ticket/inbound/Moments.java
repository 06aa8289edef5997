package dev.countersign.ticket.inbound;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Times and spans as one person reads them: in their language, by the clock on their wall.
record Moments(Words words, Locale language, ZoneId zone) {

  /// A point in time, with its zone.
  String at(Instant at) {
    return DateTimeFormatter.ofPattern(words.moment(), language).format(at.atZone(zone))
        + " "
        + (zone.getId().equals("Z") ? "UTC" : zone.getId());
  }

  /// A point in time of today, to the second.
  String second(Instant at) {
    return DateTimeFormatter.ofPattern("HH:mm:ss", language).format(at.atZone(zone));
  }

  /// How long it is until then, in the two largest units.
  String left(Instant now, Instant until) {
    Duration left = Duration.between(now, until);
    if (left.isNegative() || left.isZero()) {
      return words.noTime();
    }
    if (left.toDays() > 1) {
      return words.days(left.toDays());
    }
    if (left.toHours() > 0) {
      return words.hours(left.toHours(), left.toMinutesPart());
    }
    return left.toMinutes() > 0 ? words.minutes(left.toMinutes()) : words.lessThanAMinute();
  }
}
