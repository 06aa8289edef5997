package dev.countersign.audit.application;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.audit.domain.Entry;
import dev.countersign.audit.domain.Names;
import dev.countersign.audit.domain.Outcome;
import dev.countersign.audit.domain.Sighting;
import dev.countersign.messaging.Elections;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Follows the log and keeps what people search by. It holds nothing up: appending does not wait
/// for it, and what was logged before there was an index comes into it as well. Rows and position
/// commit together, so that whoever dies here leaves no entry out.
@ApplicationScoped
public class IndexActions {

  private static final String CHANNEL = "audit_leaf";
  private static final Duration NET = Duration.ofSeconds(1);
  private static final int BATCH = 500;

  // Up to the head only: what is behind it is committed, and in order. No more after 4 MiB of
  // payload: sizes are known without reading it.
  private static final String UNSEEN =
      """
      select idx, topic, action_id, appended_at, value
      from (
        select l.idx, l.topic, l.action_id, l.appended_at, p.value,
          sum(coalesce(octet_length(p.value), 0)) over (order by l.idx)
            - coalesce(octet_length(p.value), 0) as bytes_before
        from leaf l left join payload p on p.idx = l.idx
        where l.idx >= ? and l.idx < (select size from state)
        order by l.idx
        limit %d) s
      where bytes_before < 4194304
      order by idx
      """
          .formatted(BATCH);

  private static final String ACTIONS =
      """
      insert into action as a (
        action_id, first, at, topic, agent, agent_key, agent_of, toolset, tool, tool_of, outcome,
        rank)
      select id, first, at, topic, agent, agent_key, agent_of, toolset, tool, tool_of, outcome, rank
      from json_to_recordset(cast(? as json)) as s (
        id uuid, first bigint, at timestamptz, topic text, agent text, agent_key text,
        agent_of bigint, toolset text, tool text, tool_of bigint, outcome text, rank smallint)
      order by id
      on conflict (action_id) do update set
        agent = coalesce(a.agent, excluded.agent),
        agent_key = coalesce(a.agent_key, excluded.agent_key),
        agent_of = coalesce(a.agent_of, excluded.agent_of),
        toolset = case when a.tool_of is null then excluded.toolset else a.toolset end,
        tool = case when a.tool_of is null then excluded.tool else a.tool end,
        tool_of = coalesce(a.tool_of, excluded.tool_of),
        outcome = case when excluded.rank > a.rank then excluded.outcome else a.outcome end,
        rank = greatest(a.rank, excluded.rank)
      """;

  private static final String MENTIONS =
      """
      insert into mention (person, idx, role, action_id)
      select person, idx, role, action
      from json_to_recordset(cast(? as json)) as m (
        person text, idx bigint, role text, action uuid)
      on conflict do nothing
      """;

  private final Elections elections;
  private final Tail tail;

  @Inject
  IndexActions(Elections elections, Tail tail) {
    this.elections = elections;
    this.tail = tail;
  }

  void onStart(@Observes StartupEvent event) {
    elections.start("index-actions", CHANNEL, NET, this::follow);
  }

  /// What a batch shows of an action.
  private static final class Seen {
    private final String id;
    private final long first;
    private final Instant at;
    private final String topic;
    private @Nullable String agent;
    private @Nullable Long agentOf;
    private @Nullable String toolset;
    private @Nullable String tool;
    private @Nullable Long toolOf;
    private @Nullable Outcome outcome;

    private Seen(String id, long first, Instant at, String topic) {
      this.id = id;
      this.first = first;
      this.at = at;
      this.topic = topic;
    }

    private void take(long index, Sighting sighting) {
      if (agent == null && sighting.agent() != null) {
        agent = sighting.agent();
        agentOf = index;
      }
      if (toolOf == null && (sighting.tool() != null || sighting.toolset() != null)) {
        tool = sighting.tool();
        toolset = sighting.toolset();
        toolOf = index;
      }
      outcome =
          sighting
              .outcome()
              .filter(it -> outcome == null || it.rank() > outcome.rank())
              .orElse(outcome);
    }

    private ObjectNode json() {
      return JsonNodeFactory.instance
          .objectNode()
          .put("id", id)
          .put("first", first)
          .put("at", at.toString())
          .put("topic", topic)
          .put("agent", agent)
          .put("agent_key", agent == null ? null : Names.key(agent))
          .put("agent_of", agentOf)
          .put("toolset", toolset)
          .put("tool", tool)
          .put("tool_of", toolOf)
          .put("outcome", outcome == null ? null : outcome.word())
          .put("rank", outcome == null ? -1 : outcome.rank());
    }
  }

  /// What some entries in a row show.
  private static final class Batch {
    private final Map<String, Seen> actions = new LinkedHashMap<>();
    private final ArrayNode mentions = JsonNodeFactory.instance.arrayNode();
    private long seen;

    private Batch(long from) {
      this.seen = from;
    }

    private void take(Tail.Logged logged) {
      Entry entry = logged.entry();
      take(
          logged.index(),
          logged.at(),
          entry.topic(),
          entry.actionId() == null ? null : entry.actionId().toString(),
          entry.value());
    }

    private void take(
        long index, Instant at, String topic, @Nullable String action, byte @Nullable [] value) {
      seen = index + 1;
      if (topic.equals(Entry.ATTESTATION)) {
        return;
      }
      Sighting sighting = Sighting.in(topic, value);
      if (action != null) {
        actions.computeIfAbsent(action, id -> new Seen(id, index, at, topic)).take(index, sighting);
      }
      for (Sighting.Mention each : sighting.mentions()) {
        mentions
            .addObject()
            .put("person", each.person())
            .put("idx", index)
            .put("role", each.role().word())
            .put("action", action);
      }
    }

    private ArrayNode rows() {
      ArrayNode rows = JsonNodeFactory.instance.arrayNode();
      actions.values().forEach(each -> rows.add(each.json()));
      return rows;
    }
  }

  private boolean follow(Connection connection) throws SQLException {
    Positions positions = Positions.read(connection, "indexed");
    long from = positions.follower();
    Batch batch = new Batch(from);
    List<Tail.Logged> kept = tail.from(connection, from, positions.head(), BATCH);
    if (kept.isEmpty()) {
      read(connection, batch);
    } else {
      kept.forEach(batch::take);
    }
    if (batch.seen == from) {
      return false;
    }
    connection.setAutoCommit(false);
    try {
      write(connection, ACTIONS, batch.rows());
      write(connection, MENTIONS, batch.mentions);
      note(connection, from, batch.seen);
      connection.commit();
    } catch (SQLException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
    return batch.seen < positions.head();
  }

  private static void read(Connection connection, Batch batch) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(UNSEEN)) {
      select.setLong(1, batch.seen);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          batch.take(
              row.getLong(1),
              row.getObject(4, OffsetDateTime.class).toInstant(),
              row.getString(2),
              row.getString(3),
              row.getBytes(5));
        }
      }
    }
  }

  private static void write(Connection connection, String insert, ArrayNode rows)
      throws SQLException {
    if (!rows.isEmpty()) {
      try (PreparedStatement statement = connection.prepareStatement(insert)) {
        statement.setString(1, rows.toString());
        statement.executeUpdate();
      }
    }
  }

  private static void note(Connection connection, long from, long to) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement("update indexed set size = ? where size = ?")) {
      update.setLong(1, to);
      update.setLong(2, from);
      if (update.executeUpdate() != 1) {
        throw new SQLException("another instance follows the log, too");
      }
    }
  }
}
