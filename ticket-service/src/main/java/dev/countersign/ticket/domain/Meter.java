package dev.countersign.ticket.domain;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;

/// What counts how much of somebody's attention is used up: an approver's in their week, an agent's
/// in an hour.
///
/// @param who the approver's id, or the agent's as the operator's file spells names
/// @param period the Monday on which the week begins, `2026-11-23`, or the hour, in UTC,
///   `2026-11-26T10:00:00Z`
public record Meter(Kind kind, String who, String period) {

  public enum Kind {
    /// Counts the questions that reach a person.
    APPROVER,
    /// Counts the questions of an agent that reach anybody.
    AGENT;

    /// The word in the database and in metrics, `approver`.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// The meter of the approver's week, which begins on Monday in their zone.
  public static Meter ofWeek(String approver, ZoneId zone, Instant at) {
    return new Meter(
        Kind.APPROVER,
        approver,
        at.atZone(zone)
            .toLocalDate()
            .with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY))
            .toString());
  }

  /// The meter of the agent's hour.
  public static Meter ofHour(String agent, Instant at) {
    return new Meter(
        Kind.AGENT,
        Names.indexed(agent),
        at.atZone(ZoneOffset.UTC).truncatedTo(ChronoUnit.HOURS).toInstant().toString());
  }
}
