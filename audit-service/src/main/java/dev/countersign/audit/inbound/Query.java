package dev.countersign.audit.inbound;

import dev.countersign.audit.application.SearchActions;
import dev.countersign.audit.domain.Names;
import dev.countersign.audit.domain.Outcome;
import dev.countersign.events.ActionId;
import jakarta.ws.rs.QueryParam;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What was asked, as it stands in the address. Days are those of UTC; a day that ends a range is
/// in it.
public record Query(
    @QueryParam("action") @Nullable String action,
    @QueryParam("agent") @Nullable String agent,
    @QueryParam("person") @Nullable String person,
    @QueryParam("tool") @Nullable String tool,
    @QueryParam("from") @Nullable String from,
    @QueryParam("to") @Nullable String to,
    @QueryParam("outcome") @Nullable String outcome,
    @QueryParam("after") @Nullable String after) {

  /// What cannot be looked for.
  static final class Unreadable extends Exception {

    private static final long serialVersionUID = 1;

    private final String part;

    Unreadable(String part) {
      super("the " + part + " cannot be read");
      this.part = part;
    }

    /// Its name in the address.
    String part() {
      return part;
    }
  }

  SearchActions.Wanted wanted() throws Unreadable {
    return new SearchActions.Wanted(
        action == null || action.isBlank() ? null : id(action),
        key(agent),
        key(person),
        tool == null || tool.isBlank() ? null : Names.shown(tool.strip()),
        moment("from", from, 0),
        moment("to", to, 1),
        outcome == null || outcome.isBlank()
            ? null
            : Outcome.of(outcome).orElseThrow(() -> new Unreadable("outcome")),
        after == null || after.isBlank() ? null : place(after));
  }

  private static @Nullable String key(@Nullable String name) {
    return name == null || name.isBlank() ? null : Names.key(name);
  }

  private static ActionId id(String action) throws Unreadable {
    try {
      return ActionId.of(action.strip());
    } catch (IllegalArgumentException _) {
      throw new Unreadable("action");
    }
  }

  /// A day, or a moment.
  private static @Nullable Instant moment(String part, @Nullable String text, int plus)
      throws Unreadable {
    if (text == null || text.isBlank()) {
      return null;
    }
    try {
      String stripped = text.strip();
      return stripped.contains("T")
          ? Instant.parse(stripped)
          : LocalDate.parse(stripped).plusDays(plus).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException _) {
      throw new Unreadable(part);
    }
  }

  private static Long place(String after) throws Unreadable {
    try {
      return Long.valueOf(after);
    } catch (NumberFormatException _) {
      throw new Unreadable("after");
    }
  }

  /// The address of what comes after this place.
  String path(String page, long next) {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("action", orEmpty(action));
    parts.put("agent", orEmpty(agent));
    parts.put("person", orEmpty(person));
    parts.put("tool", orEmpty(tool));
    parts.put("from", orEmpty(from));
    parts.put("to", orEmpty(to));
    parts.put("outcome", orEmpty(outcome));
    parts.put("after", Long.toString(next));
    return parts.entrySet().stream()
        .filter(each -> !each.getValue().isEmpty())
        .map(each ->
            each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&", page + "?", ""));
  }

  static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
