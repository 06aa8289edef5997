package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.executor.application.ShowExecution;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

@ApplicationScoped
class ShownExecutions implements ShowExecution {

  private final Mutiny.SessionFactory sessions;

  @Inject
  ShownExecutions(Mutiny.SessionFactory sessions) {
    this.sessions = sessions;
  }

  @Override
  public Uni<@Nullable ObjectNode> find(ActionId actionId) {
    // Not stateless: Hibernate Reactive 3.2 can't load an entity there ("session is not an
    // EventSource").
    return sessions.withSession(session ->
        session
            .find(ExecutionRow.class, actionId.value())
            .map(row -> row == null ? null : shown(row)));
  }

  private static ObjectNode shown(ExecutionRow row) {
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    shown.put("actionId", row.actionId.toString());
    shown.put("state", row.state);
    put(shown, "status", row.status);
    shown.put("attempt", row.attempt);
    put(shown, "startedAt", row.startedAt);
    put(shown, "finishedAt", row.finishedAt);
    shown.put("actionDigest", row.actionDigest);
    if (row.resultCode != null) {
      ObjectNode result = shown.putObject("result").put("code", row.resultCode);
      put(result, "digest", row.resultDigest);
      put(result, "summary", row.resultSummary);
    }
    if (row.reasonCode != null) {
      put(shown.putObject("reason").put("code", row.reasonCode), "text", row.reasonText);
    }
    if ("reported".equals(row.instance)) {
      shown.set("reportedBy", EventJson.tree(Execution.Reporter.TOOL));
    }
    return shown;
  }

  private static void put(ObjectNode to, String member, @Nullable String value) {
    if (value != null) {
      to.put(member, value);
    }
  }

  private static void put(ObjectNode to, String member, @Nullable Instant value) {
    put(to, member, value == null ? null : value.toString());
  }
}
