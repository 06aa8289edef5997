package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.Reason;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashSet;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// How values stand in columns and parameters: ids and times as text, JSON as it was published.
final class Columns {

  private Columns() {}

  static String ids(Collection<ActionId> ids) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    new HashSet<>(ids).forEach(id -> array.add(id.toString()));
    return array.toString();
  }

  static ActionId id(Object text) {
    return ActionId.of((String) text);
  }

  static Instant instant(Object micros) {
    return Instant.EPOCH.plus((Long) micros, ChronoUnit.MICROS);
  }

  static @Nullable Instant maybeInstant(@Nullable Object micros) {
    return micros == null ? null : instant(micros);
  }

  static String json(Object value) {
    return new String(EventJson.write(value), StandardCharsets.UTF_8);
  }

  static <T> T read(String json, Class<T> type) {
    return EventJson.read(json.getBytes(StandardCharsets.UTF_8), type);
  }

  /// PostgreSQL's text holds every character but one.
  static String text(String text) {
    return text.replace("\0", "U+0000");
  }

  static @Nullable String maybeText(@Nullable String text) {
    return text == null ? null : text(text);
  }

  static Uni<Void> write(Mutiny.StatelessSession session, String statement, ArrayNode rows) {
    if (rows.isEmpty()) {
      return Uni.createFrom().voidItem();
    }
    return session
        .createNativeQuery(statement)
        .setParameter("rows", rows.toString())
        .executeUpdate()
        .invoke(written -> {
          if (written != rows.size()) {
            throw new IllegalStateException("a locked ticket changed; one of " + rows);
          }
        })
        .replaceWithVoid();
  }

  static void reason(ObjectNode row, Reason reason) {
    row.put("reason_code", text(reason.code()));
    row.put("reason_text", text(reason.text()));
  }
}
