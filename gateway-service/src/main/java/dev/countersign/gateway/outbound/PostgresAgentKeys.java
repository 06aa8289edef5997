package dev.countersign.gateway.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.gateway.application.AgentKeys;
import dev.countersign.gateway.domain.AgentKey;
import dev.countersign.gateway.domain.Caller;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// The table `agent_key`.
@ApplicationScoped
class PostgresAgentKeys implements AgentKeys {

  private static final String INSERT =
      """
      insert into agent_key (hash, key_id, agent, platform, toolsets, expires_at)
      select r.hash, r.key_id, r.agent, r.platform, r.toolsets, now() + make_interval(secs => r.valid)
      from json_to_record(cast(cast(:row as text) as json))
          as r (hash text, key_id text, agent text, platform text, toolsets text, valid double precision)
      returning expires_at
      """;

  private static final String COLUMNS =
      "select hash, key_id, agent, platform, toolsets, made_at, expires_at, revoked_at from agent_key ";

  private static final String FIND =
      COLUMNS
          + """
          where hash in (select json_array_elements_text(cast(cast(:hashes as text) as json)))
              and revoked_at is null and expires_at > now()
          """;

  private static final String ALL = COLUMNS + "order by made_at desc, hash";
  private static final String OF_AGENT =
      COLUMNS + "where agent = cast(:agent as text) order by made_at desc, hash";

  private static final String REVOKE =
      """
      update agent_key set revoked_at = coalesce(revoked_at, now())
      where key_id = cast(:id as text)
      """;

  @Override
  public Uni<Instant> insert(
      Mutiny.StatelessSession session, AgentKey key, Caller.Known agent, Duration valid) {
    return session
        .createNativeQuery(INSERT, Instant.class)
        .setParameter(
            "row",
            JsonNodeFactory.instance
                .objectNode()
                .put("hash", key.hash())
                .put("key_id", key.id())
                .put("agent", agent.id())
                .put("platform", agent.platform())
                .put("toolsets", toolsets(agent.toolsets()))
                .put("valid", valid.toSeconds())
                .toString())
        .getSingleResult();
  }

  private static @Nullable String toolsets(@Nullable Set<String> toolsets) {
    if (toolsets == null) {
      return null;
    }
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    toolsets.stream().sorted().forEach(array::add);
    return array.toString();
  }

  @Override
  public Uni<Map<String, Caller.Known>> find(
      Mutiny.StatelessSession session, Collection<String> hashes) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    hashes.forEach(array::add);
    return session
        .createNativeQuery(FIND, AgentKeyRow.class)
        .setParameter("hashes", array.toString())
        .getResultList()
        .map(
            rows -> rows.stream().collect(Collectors.toMap(AgentKeyRow::hash, AgentKeyRow::agent)));
  }

  @Override
  public Uni<List<Kept>> list(Mutiny.StatelessSession session, Optional<String> agent) {
    Mutiny.SelectionQuery<AgentKeyRow> query =
        session.createNativeQuery(agent.isPresent() ? OF_AGENT : ALL, AgentKeyRow.class);
    agent.ifPresent(it -> query.setParameter("agent", it));
    return query.getResultList().map(rows -> rows.stream().map(AgentKeyRow::kept).toList());
  }

  @Override
  public Uni<Boolean> revoke(Mutiny.StatelessSession session, String id) {
    return session
        .createNativeQuery(REVOKE)
        .setParameter("id", id)
        .executeUpdate()
        .map(rows -> rows == 1);
  }
}
