package dev.countersign.gateway.outbound;

import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Expired;
import dev.countersign.events.Oversight;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Tool;
import dev.countersign.gateway.application.Actions;
import dev.countersign.gateway.domain.Origin;
import dev.countersign.gateway.domain.Progress;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The row of an action: one column for each fact, as V2__action.sql and those after it have it.
@Entity
@Table(name = "action")
class ActionRow {

  @Id
  @Column(name = "action_id")
  @Nullable UUID actionId;

  @Nullable String agent;

  @Nullable String platform;

  @Nullable String session;

  @Nullable String toolset;

  @Nullable String tool;

  long number;

  @Nullable String proposed;

  @Nullable String judged;

  @Nullable String ticket;

  @Column(name = "seen_at")
  @Nullable Instant seenAt;

  @Nullable String reached;

  @Nullable String failed;

  @Column(name = "cancel_asked_at")
  @Nullable Instant cancelAskedAt;

  @Nullable String decision;

  @Nullable String expired;

  @Nullable String execution;

  @Nullable String reconciled;

  long version;

  Progress progress() {
    if (actionId == null) {
      throw new IllegalStateException("a row has a key");
    }
    return new Progress(
        new ActionId(actionId),
        origin(),
        digest(proposed),
        digest(judged),
        event(ticket, TicketOpened.class),
        seenAt,
        names(reached),
        names(failed),
        cancelAskedAt,
        event(decision, Decision.class),
        event(expired, Expired.class),
        event(execution, Execution.class),
        event(reconciled, Oversight.class),
        version);
  }

  Actions.Listed listed() {
    return new Actions.Listed(progress(), number);
  }

  private @Nullable Origin origin() {
    return agent == null || toolset == null || tool == null
        ? null
        : new Origin(new Origin.Asker(agent, platform, session), new Tool(toolset, tool));
  }

  private static @Nullable Digest digest(@Nullable String text) {
    return text == null ? null : new Digest(text);
  }

  private static <E> @Nullable E event(@Nullable String json, Class<E> type) {
    return json == null ? null : EventJson.read(json.getBytes(StandardCharsets.UTF_8), type);
  }

  private static Set<String> names(@Nullable String json) {
    Set<String> names = new HashSet<>();
    if (json != null) {
      EventJson.readTree(json.getBytes(StandardCharsets.UTF_8))
          .fieldNames()
          .forEachRemaining(names::add);
    }
    return names;
  }
}
