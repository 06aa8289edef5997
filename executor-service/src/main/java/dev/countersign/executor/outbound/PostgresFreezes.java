package dev.countersign.executor.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Oversight;
import dev.countersign.events.Reason;
import dev.countersign.events.Topics;
import dev.countersign.executor.application.Freeze;
import dev.countersign.executor.application.Freezes;
import dev.countersign.executor.domain.LiftConnector;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.messaging.Backlog;
import dev.countersign.messaging.Positions;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Freezes as rows, beside the executions that they hold back.
@ApplicationScoped
class PostgresFreezes implements Freezes {

  /// Whether a row `e` of executions is frozen. Lifting never is, or nothing could be lifted.
  static final String FROZEN =
      """
      (exists (
        select 1 from frozen f
        where f.lifted_at is null
          and (f.agent is null or folded(f.agent) = folded(e.agent))
          and (f.toolset is null or folded(f.toolset) = folded(e.toolset)))
       and (e.toolset, e.tool) is distinct from ('%s', '%s'))
      """
          .formatted(LiftConnector.TOOL.toolset(), LiftConnector.TOOL.name());

  // What a row `f` of freezes is of, as approvers are shown it.
  private static final String WORDS =
      """
      case when f.agent is not null then 'agent ' || f.agent
           when f.toolset is not null then 'toolset ' || f.toolset else 'all' end
      """;

  /// What a row `e` of executions lifted, in words; null where it lifted nothing. Its effect and
  /// its outcome are in one database, if not in one transaction: so there is no doubt about it.
  static final String LIFTED_BY_IT =
      """
      (select 'The freeze of ' || %s || ' is lifted.'
       from frozen f where f.lifted_by = e.action_id)
      """
          .formatted(WORDS);

  private static final String ENTER =
      """
      insert into frozen (freeze_id, agent, toolset, by, reason, since)
      select freeze_id, agent, toolset, by, reason, since
      from json_to_recordset(cast(cast(:rows as text) as json))
          as r (freeze_id uuid, agent text, toolset text, by text, reason text, since timestamptz)
      on conflict do nothing
      """;

  private static final String IN_FORCE =
      """
      select cast(row_to_json(f) as text) from (
        select freeze_id as "id", agent, toolset, by, reason, since
        from frozen where lifted_at is null order by since, freeze_id) as f
      """;

  // Whoever tries again for a while, with the database away, must not lift what was answered since,
  // or what nobody permits any more.
  private static final String LIFT =
      """
      update frozen f set lifted_at = now(), lifted_by = cast(:by as uuid)
      where f.freeze_id = cast(:id as uuid) and f.lifted_at is null and :words = %s
        and exists (
          select 1 from execution e
          where e.action_id = cast(:by as uuid) and e.state = 'started' and e.grant_exp > now())
      """
          .formatted(WORDS);

  private static final String LIFTED =
      """
      select cast(f.lifted_by as text), :words = %s
      from frozen f where f.freeze_id = cast(:id as uuid)
      """
          .formatted(WORDS);

  private record Row(
      ActionId id,
      @Nullable String agent,
      @Nullable String toolset,
      String by,
      String reason,
      Instant since) {

    Freeze freeze() {
      return new Freeze(id, new Oversight.Frozen(agent, toolset), by, reason, since);
    }
  }

  private final Mutiny.SessionFactory sessions;
  private final Backlog declared;

  @Inject
  PostgresFreezes(Mutiny.SessionFactory sessions, Positions positions, Vertx vertx) {
    this(sessions, new Backlog(Topics.OVERSIGHT, positions, vertx));
  }

  /// @param declared what was declared before this process began
  PostgresFreezes(Mutiny.SessionFactory sessions, Backlog declared) {
    this.sessions = sessions;
    this.declared = declared;
  }

  /// Fails, as what is away does, until every freeze is known that was declared before this process
  /// began: what it holds back must not slip through while the topic is read.
  Uni<Void> requireKnown() {
    return declared.requireHandled();
  }

  @Override
  public Uni<Void> enter(Mutiny.StatelessSession session, List<Freeze> freezes) {
    if (freezes.isEmpty()) {
      return Uni.createFrom().voidItem();
    }
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Freeze each : freezes) {
      rows.addObject()
          .put("freeze_id", each.id().toString())
          .put("agent", each.frozen().agent())
          .put("toolset", each.frozen().toolset())
          .put("by", each.by())
          .put("reason", each.reason())
          .put("since", each.since().toString());
    }
    return session
        .createNativeQuery(ENTER)
        .setParameter("rows", rows.toString())
        .executeUpdate()
        .replaceWithVoid();
  }

  @Override
  public Uni<List<Freeze>> inForce() {
    return sessions
        .withStatelessSession(
            session -> session.createNativeQuery(IN_FORCE, String.class).getResultList())
        .map(rows ->
            rows.stream()
                .map(json -> EventJson.read(json.getBytes(StandardCharsets.UTF_8), Row.class))
                .map(Row::freeze)
                .toList());
  }

  @Override
  public Uni<Outcome> lift(ActionId freeze, String words, ActionId by) {
    return sessions.withStatelessTransaction(session ->
        session
            .createNativeQuery(LIFT)
            .setParameter("id", freeze.toString())
            .setParameter("words", words)
            .setParameter("by", by.toString())
            .executeUpdate()
            .chain(count ->
                count == 1
                    ? Uni.createFrom().item(lifted(words))
                    : since(session, freeze, words, by)));
  }

  /// Why there was nothing to lift.
  private static Uni<Outcome> since(
      Mutiny.StatelessSession session, ActionId freeze, String words, ActionId by) {
    return session
        .createNativeQuery(LIFTED, Object[].class)
        .setParameter("id", freeze.toString())
        .setParameter("words", words)
        .getResultList()
        .map(rows -> {
          if (rows.isEmpty()) {
            return no(
                "unknown-freeze",
                "No such freeze is known here. ./countersign freeze names those in force.");
          }
          @Nullable String lifter = (String) rows.getFirst()[0];
          if (lifter == null) {
            return Boolean.TRUE.equals(rows.getFirst()[1])
                ? no(
                    "grant-expired",
                    "The grant ended before the freeze could be lifted. Nothing was lifted; propose"
                        + " it anew.")
                : no(
                    "other-freeze",
                    "This freeze is of something else than its approvers were shown. Nothing was"
                        + " lifted.");
          }
          return lifter.equals(by.toString())
              ? lifted("it")
              : no("lifted-already", "This freeze was lifted before, by action " + lifter + ".");
        });
  }

  private static Outcome lifted(String words) {
    return new Outcome(
        Execution.Status.SUCCEEDED,
        new Execution.Result("lifted", null, "The freeze of " + words + " is lifted."),
        null);
  }

  private static Outcome no(String code, String text) {
    return Outcome.refused(new Reason(code, text));
  }
}
