package dev.countersign.executor.outbound;

import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Canonical;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Reason;
import dev.countersign.executor.application.Receipt;
import dev.countersign.executor.application.Redemptions;
import dev.countersign.executor.domain.DelegatedConnector;
import dev.countersign.executor.domain.Floor;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.messaging.Epochs;
import dev.countersign.verifier.Grant;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Redeemed grants, among the executions: one row for each action keeps both from running it.
@ApplicationScoped
class PostgresRedemptions implements Redemptions {

  private static final String NBF_VOID =
      RestoredExecutions.VOID.formatted("cast(cast(:nbf as text) as timestamptz)");

  private static final String RESTORED = "select cast(" + NBF_VOID + " as text)";

  private static final String REACHES_THE_FLOOR =
      "coalesce(cast(e.approvers ->> cast(:assurance as text) as integer), 0)"
          + " >= cast(:votes as integer)";

  // Where nobody had to approve, its decision may not have come yet: the grant is enough, and
  // whoever comes second, here or in the executor, finds the row taken. Never out of `suspect`: a
  // copy that proves nothing was seen, and the true decision is yet to come.
  private static final String REDEEM =
      """
      insert into execution as e (action_id, state, action_digest, agent, toolset, tool, parameters,
          grant_nbf, grant_exp, attempt, instance, started_at, lease_until, receipt, traceparent)
      select cast(:id as uuid), 'started', :digest, :agent, :toolset, :tool, :parameters,
          cast(cast(:nbf as text) as timestamptz), cast(cast(:exp as text) as timestamptz), 1,
          'redeemed', now(), now() + cast(:report as double precision) * interval '1 second',
          decode(:receipt, 'hex'), cast(:traceparent as text)
      where cast(cast(:exp as text) as timestamptz) > now()
          and cast(cast(:nbf as text) as timestamptz) <= now() + interval '5 seconds'
          and not %s
          and not exists (
            select 1 from (select cast(:agent as text) as agent, cast(:toolset as text) as toolset,
                                  cast(:tool as text) as tool) as e
            where %s)
      on conflict (action_id) do update set
          state = 'started', action_digest = excluded.action_digest, agent = excluded.agent,
          toolset = excluded.toolset, tool = excluded.tool, parameters = excluded.parameters,
          grant_nbf = excluded.grant_nbf, grant_exp = excluded.grant_exp, attempt = 1,
          instance = 'redeemed', started_at = excluded.started_at,
          lease_until = excluded.lease_until, receipt = excluded.receipt
      where e.state = 'ready' and e.attempt = 0
      returning cast(extract(epoch from lease_until) * 1000 as bigint)
      """
          .formatted(NBF_VOID, PostgresFreezes.FROZEN);

  // Where people approved, their decision must have come and been proven: that makes a row ready.
  // The grant names those who gave a session's trust, too, and the row does not: their vote was
  // about another action.
  private static final String REDEEM_PROVEN =
      """
      update execution e set
          state = 'started', attempt = 1, instance = 'redeemed', started_at = now(),
          lease_until = now() + cast(:report as double precision) * interval '1 second',
          receipt = decode(:receipt, 'hex')
      where e.action_id = cast(:id as uuid) and e.state = 'ready' and e.attempt = 0
          and e.action_digest = :digest and e.grant_exp > now()
          and e.grant_nbf <= now() + interval '5 seconds' and not %s
          and %s
      returning cast(extract(epoch from lease_until) * 1000 as bigint)
      """
          .formatted(PostgresFreezes.FROZEN, REACHES_THE_FLOOR);

  private static final String HELD_BACK =
      """
      select count(*) from (select cast(:agent as text) as agent, cast(:toolset as text) as toolset,
                                   cast(:tool as text) as tool) as e
      where %s
      """
          .formatted(PostgresFreezes.FROZEN);

  private static final String USED_UP =
      """
      select count(*) from execution
      where action_id = cast(:id as uuid) and state in ('started', 'done')
      """;

  // What there is of it: a copy that was changed on its way, or the decision itself.
  private static final String KNOWN =
      """
      select case when e.state <> 'ready' or %s then e.state
                  when e.approvers is null then 'not-written-down' else 'too-few' end
      from execution e where e.action_id = cast(:id as uuid)
      """
          .formatted(REACHES_THE_FLOOR);

  private static final String WAITS =
      """
      select count(*) from (select 1) as one
      where cast(cast(:exp as text) as timestamptz) > now() and (%s) = 0
      """
          .formatted(USED_UP);

  // Whose word it is stands in the row from now on: no executor's.
  private static final String REPORT =
      """
      with finished as (
        update execution e set
          state = 'done', instance = 'reported', finished_at = now(),
          status = cast(:status as text), result_code = cast(:code as text), result_summary = cast(:summary as text),
          reason_code = cast(:reasonCode as text), reason_text = cast(:reasonText as text)
        where e.action_id = cast(:id as uuid) and e.state = 'started'
          and e.receipt = decode(:receipt, 'hex')
        returning e.*)
      """
          + EndedExecutions.FINISHED;

  // Whoever redeemed it may say more than once how it ended; what stands is what they said first,
  // or that they said nothing in time.
  private static final String LATE =
      """
      with said as (
        select cast(:id as uuid) as action_id, cast(:status as text) as status,
               cast(:code as text) as result_code, cast(:summary as text) as result_summary,
               cast(:reasonText as text) as reason_text),
      """
          + LateOutcomes.noting(
              "e.action_id = r.action_id and e.receipt = decode(:receipt, 'hex')", "'tool'");

  private static final String KNOWS =
      """
      select count(*) from execution
      where action_id = cast(:id as uuid) and receipt = decode(:receipt, 'hex')
      """;

  private final Mutiny.SessionFactory sessions;
  private final EndedExecutions ended;
  private final LateOutcomes late;
  private final PostgresFreezes freezes;
  private final Epochs epochs;

  @Inject
  PostgresRedemptions(
      Mutiny.SessionFactory sessions,
      EndedExecutions ended,
      LateOutcomes late,
      PostgresFreezes freezes,
      Epochs epochs) {
    this.sessions = sessions;
    this.ended = ended;
    this.late = late;
    this.freezes = freezes;
    this.epochs = epochs;
  }

  @Override
  public Uni<Use> redeem(
      Grant grant,
      Action action,
      DelegatedConnector connector,
      Receipt receipt,
      @Nullable String traceparent) {
    return freezes
        .requireKnown()
        .chain(() ->
            epochs.inTransaction(session ->
                using(session, grant, action, connector, receipt, traceparent)
                    .getResultList()
                    .chain(rows ->
                        rows.isEmpty()
                            ? whyNot(session, grant, action, connector.requires())
                            : Uni.createFrom()
                                .item(new Use.Yours(Instant.ofEpochMilli(rows.getFirst()))))));
  }

  @Override
  public Uni<Boolean> isUsedUp(ActionId actionId) {
    return sessions
        .withStatelessSession(session ->
            session
                .createNativeQuery(USED_UP, Long.class)
                .setParameter("id", actionId.toString())
                .getSingleResult())
        .map(count -> count == 1);
  }

  /// Takes its row, or none where it may not be used.
  private static Mutiny.SelectionQuery<Long> using(
      Mutiny.StatelessSession session,
      Grant grant,
      Action action,
      DelegatedConnector connector,
      Receipt receipt,
      @Nullable String traceparent) {
    boolean proven = !grant.approvals().isEmpty();
    Mutiny.SelectionQuery<Long> redeem =
        session
            .createNativeQuery(proven ? REDEEM_PROVEN : REDEEM, Long.class)
            .setParameter("id", grant.actionId().toString())
            .setParameter("digest", grant.actionDigest().toString())
            .setParameter("report", connector.report().toMillis() / 1000.0)
            .setParameter("receipt", receipt.digest());
    return proven
        ? above(redeem, connector.requires())
        : redeem
            .setParameter("agent", Columns.text(grant.subject()))
            .setParameter("toolset", Columns.text(action.tool().toolset()))
            .setParameter("tool", Columns.text(action.tool().name()))
            .setParameter("parameters", Canonical.text(action.parameters()))
            .setParameter("nbf", grant.notBefore().toString())
            .setParameter("exp", grant.expiresAt().toString())
            .setParameter("traceparent", traceparent);
  }

  private static <T> Mutiny.SelectionQuery<T> above(Mutiny.SelectionQuery<T> query, Floor floor) {
    return query
        .setParameter("votes", floor.votes())
        .setParameter("assurance", EventJson.tree(floor.assurance()).textValue());
  }

  private static Uni<Use> whyNot(
      Mutiny.StatelessSession session, Grant grant, Action action, Floor floor) {
    return isRestored(session, grant)
        .chain(restored ->
            restored
                ? Uni.createFrom().item(new Use.Restored())
                : waits(session, grant)
                    .chain(waits ->
                        waits
                            ? heldBack(session, grant, action)
                                .chain(frozen ->
                                    frozen
                                        ? Uni.createFrom().item(new Use.Frozen())
                                        : whyNotYet(session, grant, floor))
                            : Uni.createFrom().item(new Use.None())));
  }

  /// Whether the database was put back from a backup after it was given.
  private static Uni<Boolean> isRestored(Mutiny.StatelessSession session, Grant grant) {
    return session
        .createNativeQuery(RESTORED, String.class)
        .setParameter("nbf", grant.notBefore().toString())
        .getSingleResult()
        .map(Boolean::parseBoolean);
  }

  private static Uni<Boolean> heldBack(
      Mutiny.StatelessSession session, Grant grant, Action action) {
    return session
        .createNativeQuery(HELD_BACK, Long.class)
        .setParameter("agent", Columns.text(grant.subject()))
        .setParameter("toolset", Columns.text(action.tool().toolset()))
        .setParameter("tool", Columns.text(action.tool().name()))
        .getSingleResult()
        .map(count -> count == 1);
  }

  private static Uni<Use> whyNotYet(Mutiny.StatelessSession session, Grant grant, Floor floor) {
    return above(session.createNativeQuery(KNOWN, String.class), floor)
        .setParameter("id", grant.actionId().toString())
        .getSingleResultOrNull()
        .map(known ->
            switch (known) {
              // The decision has not come; where nobody had to approve, its time has not begun.
              case null -> new Use.NotYet();
              case "too-few" -> new Use.TooFew(true);
              case "not-written-down" -> new Use.TooFew(false);
              // Somebody was quicker since it was found waiting.
              case "started", "done" -> new Use.None();
              default -> new Use.NotYet();
            });
  }

  /// Whether it is neither used nor over.
  private static Uni<Boolean> waits(Mutiny.StatelessSession session, Grant grant) {
    return session
        .createNativeQuery(WAITS, Long.class)
        .setParameter("id", grant.actionId().toString())
        .setParameter("exp", grant.expiresAt().toString())
        .getSingleResult()
        .map(count -> count == 1);
  }

  @Override
  public Uni<Void> report(ActionId actionId, Receipt receipt, Outcome outcome) {
    return epochs.inTransaction(session ->
        ended
            .publish(
                session,
                said(session, REPORT, actionId, receipt, outcome)
                    .setParameter(
                        "reasonCode", outcome.reason() == null ? null : outcome.reason().code()))
            .chain(taken ->
                taken.isEmpty()
                    ? late.publish(session, said(session, LATE, actionId, receipt, outcome))
                    : Uni.createFrom().voidItem()));
  }

  private static Mutiny.SelectionQuery<String> said(
      Mutiny.StatelessSession session,
      String statement,
      ActionId actionId,
      Receipt receipt,
      Outcome outcome) {
    Execution.Result result = outcome.result();
    Reason reason = outcome.reason();
    return session
        .createNativeQuery(statement, String.class)
        .setParameter("id", actionId.toString())
        .setParameter("receipt", receipt.digest())
        .setParameter("status", EventJson.tree(outcome.status()).textValue())
        .setParameter("code", result == null ? null : result.code())
        .setParameter("summary", result == null ? null : result.summary())
        .setParameter("reasonText", reason == null ? null : reason.text());
  }

  @Override
  public Uni<Boolean> knows(ActionId actionId, Receipt receipt) {
    return sessions
        .withStatelessSession(session ->
            session
                .createNativeQuery(KNOWS, Long.class)
                .setParameter("id", actionId.toString())
                .setParameter("receipt", receipt.digest())
                .getSingleResult())
        .map(count -> count == 1);
  }
}
