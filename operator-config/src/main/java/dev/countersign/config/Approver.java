package dev.countersign.config;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// A person who may answer.
///
/// @param addresses where each channel reaches them, for example `mail` → `alice@acme.example`
/// @param zone the time zone of their days: quiet hours and stand-ins are read in it
/// @param weeklyBudget how many questions a week they can answer with care; {@link
///   Approvers#weeklyBudget} knows what holds for those who name none
public record Approver(
    String id,
    String name,
    Map<String, String> addresses,
    ZoneId zone,
    @Nullable QuietHours quietHours,
    OptionalInt weeklyBudget,
    List<StandIn> standIns) {

  public Approver {
    addresses = Map.copyOf(addresses);
    standIns = List.copyOf(standIns);
  }

  /// Where a channel reaches them, if it does.
  public @Nullable String address(String channel) {
    return addresses.get(channel);
  }

  /// When they may be disturbed again, where they would rather not be at that time.
  public Optional<Instant> quietUntil(Instant at) {
    ZonedDateTime there = at.atZone(zone);
    if (quietHours == null || !quietHours.contains(there.toLocalTime())) {
      return Optional.empty();
    }
    LocalDate today = there.toLocalDate();
    LocalDate day = there.toLocalTime().isBefore(quietHours.until()) ? today : today.plusDays(1);
    return Optional.of(day.atTime(quietHours.until()).atZone(zone).toInstant());
  }

  /// From `from` until just before `until`, over midnight where `until` is the earlier.
  public record QuietHours(LocalTime from, LocalTime until) {

    boolean contains(LocalTime time) {
      boolean afterFrom = !time.isBefore(from);
      boolean beforeUntil = time.isBefore(until);
      return from.isBefore(until) ? afterFrom && beforeUntil : afterFrom || beforeUntil;
    }
  }

  /// While this person is away, `by` answers in their groups. Both days count.
  public record StandIn(String by, LocalDate from, LocalDate until) {

    boolean covers(LocalDate day) {
      return !day.isBefore(from) && !day.isAfter(until);
    }
  }
}
