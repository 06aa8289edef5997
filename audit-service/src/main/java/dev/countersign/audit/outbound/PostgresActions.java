package dev.countersign.audit.outbound;

import dev.countersign.audit.application.SearchActions;
import dev.countersign.audit.domain.Outcome;
import dev.countersign.audit.domain.Role;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/// One statement a page, with all that its rows show.
@ApplicationScoped
class PostgresActions implements SearchActions {

  private static final String ROLES =
      Arrays.stream(Role.found())
          .map(role -> "'" + role + "'")
          .collect(Collectors.joining(", ", "m.role in (", ")"));

  private static final String SELECT =
      """
      select cast(a.action_id as text), a.first, a.at, a.topic, a.agent, a.toolset, a.tool,
        a.outcome,
        (select cast(json_agg(distinct m.person) as text) from mention m
          where m.action_id = a.action_id and %s),
        (select count(*) from leaf l where l.action_id = a.action_id and l.topic <> 'attestation'),
        (select count(*) from leaf l join erased e on e.idx = l.idx where l.action_id = a.action_id)
      from action a
      """
          .formatted(ROLES);

  private static final String PERSON =
      "exists (select from mention m where m.action_id = a.action_id and m.person = :person and "
          + ROLES
          + ")";

  private final Sessions sessions;

  @Inject
  PostgresActions(Sessions sessions) {
    this.sessions = sessions;
  }

  @Override
  public Uni<Page> search(Wanted wanted) {
    List<String> conditions = new ArrayList<>();
    Map<String, Object> parameters = new HashMap<>();
    if (wanted.actionId() != null) {
      conditions.add("a.action_id = cast(cast(:id as text) as uuid)");
      parameters.put("id", wanted.actionId().toString());
    }
    if (wanted.agent() != null) {
      conditions.add("a.agent_key = :agent");
      parameters.put("agent", wanted.agent());
    }
    if (wanted.person() != null) {
      conditions.add(PERSON);
      parameters.put("person", wanted.person());
    }
    if (wanted.tool() != null) {
      tool(wanted.tool(), conditions, parameters);
    }
    if (wanted.since() != null) {
      conditions.add("a.at >= cast(cast(:since as text) as timestamptz)");
      parameters.put("since", wanted.since().toString());
    }
    if (wanted.until() != null) {
      conditions.add("a.at < cast(cast(:until as text) as timestamptz)");
      parameters.put("until", wanted.until().toString());
    }
    if (wanted.outcome() != null) {
      conditions.add("a.outcome = :outcome");
      parameters.put("outcome", wanted.outcome().word());
    }
    if (wanted.after() != null) {
      conditions.add("a.first < :after");
      parameters.put("after", wanted.after());
    }
    String where = conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions);
    // One more than is shown: whether there is another page.
    String statement = SELECT + where + " order by a.first desc limit " + (PAGE + 1);
    return sessions
        .in(session -> {
          var query = session.createNativeQuery(statement, Object[].class);
          parameters.forEach(query::setParameter);
          return query.getResultList();
        })
        .map(PostgresActions::page);
  }

  private static void tool(String tool, List<String> conditions, Map<String, Object> parameters) {
    int slash = tool.indexOf('/');
    if (slash < 0) {
      conditions.add("(a.tool = :tool or a.toolset = :tool)");
      parameters.put("tool", tool);
    } else {
      conditions.add("a.toolset = :toolset and a.tool = :tool");
      parameters.put("toolset", tool.substring(0, slash));
      parameters.put("tool", tool.substring(slash + 1));
    }
  }

  private static Page page(List<Object[]> rows) {
    boolean more = rows.size() > PAGE;
    List<Object[]> shown = more ? rows.subList(0, PAGE) : rows;
    return new Page(
        shown.stream().map(PostgresActions::listed).toList(),
        more ? ((Number) shown.getLast()[1]).longValue() : null);
  }

  private static Listed listed(Object[] row) {
    return new Listed(
        ActionId.of((String) row[0]),
        PostgresCompleteness.instant(row[2]),
        (String) row[3],
        (String) row[4],
        (String) row[5],
        (String) row[6],
        Optional.ofNullable((String) row[7]).flatMap(Outcome::of),
        people((String) row[8]),
        ((Number) row[9]).longValue(),
        ((Number) row[10]).longValue());
  }

  private static List<String> people(String json) {
    List<String> people = new ArrayList<>();
    EventJson.readTree(Objects.requireNonNullElse(json, "[]").getBytes(StandardCharsets.UTF_8))
        .forEach(each -> people.add(each.textValue()));
    return people;
  }
}
