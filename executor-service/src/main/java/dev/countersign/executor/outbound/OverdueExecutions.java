package dev.countersign.executor.outbound;

import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.hibernate.reactive.mutiny.Mutiny;

/// Executions whose time is over: the grant's, while they waited, or the lease's, of who had begun
/// them. So that each has an answer, also where nobody is left who could give it.
@ApplicationScoped
class OverdueExecutions {

  private static final String END_OF_GRANT =
      """
      with ended as (
        select action_id, %s as frozen, %s as lifted from execution e
        where state in ('ready', 'suspect') and grant_exp <= now()
        order by grant_exp limit 2000 for update skip locked),
      finished as (
        update execution e set
          state = 'done', finished_at = now(),
          status = case when ended.lifted is not null then 'succeeded'
                        when e.attempt > 0 then 'unknown' else 'refused' end,
          result_code = case when ended.lifted is not null then 'lifted' end,
          result_summary = ended.lifted,
          reason_code = case when ended.lifted is not null then null
                             when e.state = 'suspect' then coalesce(e.reason_code, 'digest-mismatch')
                             when e.attempt > 0 then 'interrupted'
                             when ended.frozen then 'frozen'
                             else 'grant-expired' end,
          reason_text = case
            when ended.lifted is not null then null
            when e.state = 'suspect' then 'The decision was changed on its way to the executor, '
              || 'and the true one did not come in time. Nothing was run; propose the action anew.'
            when e.attempt > 0 then 'It was cut off after it had begun, and its grant ended before '
              || 'it could be tried again. Look at the target whether it took effect.'
            when ended.frozen then 'It was frozen, and its grant ended before the freeze was lifted. '
              || 'Nothing was run; once it is lifted, propose it anew.'
            else 'The grant ended before the action could be run. Nothing was run; propose it anew.'
          end
        from ended
        where e.action_id = ended.action_id
        returning e.*)
      """
              .formatted(PostgresFreezes.FROZEN, PostgresFreezes.LIFTED_BY_IT)
          + EndedExecutions.FINISHED;

  private static final String LAPSED =
      """
      with lapsed as (
        select action_id, idempotent and attempt < 5 and grant_exp > now() as again,
               %s as lifted
        from execution e
        where state = 'started' and lease_until < now() and action_id not in (
          select cast(h as uuid) from json_array_elements_text(cast(cast(:held as text) as json)) h)
        order by lease_until limit 2000 for update skip locked),
      resumed as (
        update execution e set state = 'ready', instance = null, lease_until = null
        where e.action_id = any (array (select action_id from lapsed where again))),
      finished as (
        update execution e set
          state = 'done', finished_at = now(),
          status = case when lapsed.lifted is null then 'unknown' else 'succeeded' end,
          result_code = case when lapsed.lifted is not null then 'lifted' end,
          result_summary = lapsed.lifted,
          reason_code = case when lapsed.lifted is not null then null
                             when e.receipt is null then 'interrupted' else 'not-reported' end,
          reason_text = case
            when lapsed.lifted is not null then null
            when e.receipt is null then 'The executor that had begun it stopped answering before it '
              || 'could say how it ended. Look at the target whether it took effect.'
            else 'Who redeemed its grant did not say in time how it ended. Ask there whether it took '
              || 'effect.'
          end
        from lapsed
        where e.action_id = lapsed.action_id and not lapsed.again
        returning e.*)
      """
              .formatted(PostgresFreezes.LIFTED_BY_IT)
          + EndedExecutions.FINISHED;

  private final EndedExecutions ended;

  @Inject
  OverdueExecutions(EndedExecutions ended) {
    this.ended = ended;
  }

  /// Ends those, or makes them ready again where their connector is idempotent, some thousand at
  /// most.
  ///
  /// @param held a JSON array of the ids that somebody has in hand and answers for
  Uni<Void> end(Mutiny.StatelessSession session, String held) {
    return ended
        .publish(session, session.createNativeQuery(END_OF_GRANT, String.class))
        .chain(() ->
            ended.publish(
                session,
                session.createNativeQuery(LAPSED, String.class).setParameter("held", held)))
        .replaceWithVoid();
  }
}
