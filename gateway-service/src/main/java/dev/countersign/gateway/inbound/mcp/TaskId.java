package dev.countersign.gateway.inbound.mcp;

import dev.countersign.events.ActionId;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A task's id, which holds all that is to be known of it beside the action: any gateway finds the
/// task by it, and none keeps it.
///
/// @param tool by whose call it came about, and by which its result is told
/// @param createdAt to the second
record TaskId(ActionId actionId, String tool, Instant createdAt) {

  private static final Pattern FORM =
      Pattern.compile("([0-9a-fA-F-]{36})\\.([0-9a-z]{1,12})\\.([A-Za-z0-9_./-]{1,202})");
  private static final int RADIX = 36;

  static TaskId of(ActionId actionId, String tool, Instant now) {
    return new TaskId(actionId, tool, Instant.ofEpochSecond(now.getEpochSecond()));
  }

  /// Empty where it is none of ours.
  static Optional<TaskId> find(@Nullable String text) {
    Matcher matcher = FORM.matcher(text == null ? "" : text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new TaskId(
              ActionId.of(matcher.group(1)),
              matcher.group(3),
              Instant.ofEpochSecond(Long.parseLong(matcher.group(2), RADIX))));
    } catch (IllegalArgumentException | DateTimeException e) {
      // Of the form, and still no id or no time: nobody was ever given it.
      return Optional.empty();
    }
  }

  /// As it stands on the wire: fit for a header, as `Mcp-Name` repeats it.
  @Override
  public String toString() {
    return actionId + "." + Long.toString(createdAt.getEpochSecond(), RADIX) + "." + tool;
  }
}
