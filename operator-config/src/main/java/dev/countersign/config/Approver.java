package dev.countersign.config;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
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

  /// Whether they would rather not be disturbed then.
  public boolean isQuiet(Instant at) {
    return quietHours != null && quietHours.contains(at.atZone(zone).toLocalTime());
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
