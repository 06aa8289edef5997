package dev.countersign.executor.outbound;

import dev.countersign.executor.domain.Vigil;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;

/// Executions whose time is over: the grant's, while they waited, or the lease's, of who had begun
/// them. So that each has an answer, also where nobody is left who could give it.
@ApplicationScoped
class OverdueExecutions {

  // Whose command another system has, which may have said how it ended: its grant went with it.
  private static final String UNREAD =
      "(cast(:unread as boolean) and attempt > 0 and grant_token is not null)";

  // It does no harm to do it twice.
  private static final String AGAIN = "(idempotent and attempt < 5 and grant_exp > now())";

  private static final String END_OF_GRANT =
      """
      with ended as (
        select action_id, %s as frozen, %s as lifted from execution e
        where state in ('ready', 'suspect') and grant_exp <= now() and not %s
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
              .formatted(PostgresFreezes.FROZEN, PostgresFreezes.LIFTED_BY_IT, UNREAD)
          + EndedExecutions.FINISHED;

  private static final String LAPSED =
      """
      with lapsed as (
        select action_id, %s as again,
               %s as lifted
        from execution e
        where state = 'started' and lease_until < now() and action_id not in (
          select cast(h as uuid) from json_array_elements_text(cast(cast(:held as text) as json)) h)
          and not (%s and not %s)
          and (cast(:lasts as boolean)
            or lease_until - cast(:lease as double precision) * interval '1 second'
              <= (select earliest from vigil where latest <= now()))
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
              .formatted(AGAIN, PostgresFreezes.LIFTED_BY_IT, UNREAD, AGAIN)
          + EndedExecutions.FINISHED;

  // What began before the one before it had ended, another executor has counted. The row is locked
  // until the sweep ends: who finds it so is not held up by it, and counts its next.
  private static final String COUNT =
      """
      with moment as (
        select cast(cast(:now as text) as timestamptz) as seen,
            cast(:third as double precision) * interval '1 second' as third),
      free as (select one from vigil for update skip locked),
      never as (
        insert into vigil (one, latest)
        select true, seen - third from moment where not exists (select from vigil)
        on conflict (one) do nothing)
      update vigil v set
        latest = seen - third,
        middle = case when v.latest <= seen then v.latest end,
        earliest = case when v.latest <= seen then v.middle end
      from moment, free
      where v.one = free.one and (v.latest > seen or v.latest + third <= seen - third)
      """;

  // When this transaction began: what is asked after a pause has begun after it, too.
  private static final String NOW = "select cast(extract(epoch from now()) * 1000 as bigint)";

  private final EndedExecutions ended;
  private final Duration lease;
  private final Duration third;
  private final Vigil vigil;
  private final Vigil chance;

  @Inject
  OverdueExecutions(
      EndedExecutions ended,
      @ConfigProperty(name = "countersign.executor.lease") Duration lease,
      @ConfigProperty(name = "countersign.executor.sweep") Duration sweep) {
    this.ended = ended;
    // Leases are extended three times in their length, and we look with each sweep.
    this.lease = lease;
    this.third = lease.dividedBy(3);
    Duration twoSweeps = sweep.multipliedBy(2);
    this.vigil = new Vigil(lease, longer(third, twoSweeps));
    this.chance = new Vigil(third, longer(third.dividedBy(2), twoSweeps));
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  /// Ends those, or makes them ready again where their connector is idempotent, some thousand at
  /// most. Leases only where it can be told that whoever held them is dead: {@link Vigil}. By what
  /// those saw who were here before, where this one has not been for long: they count the times in
  /// which a lease could be extended, and one that was not in three of them is nobody's.
  ///
  /// @param held a JSON array of the ids that somebody has in hand and answers for
  /// @param unread whether what other systems say may be unread, so that theirs go on waiting
  Uni<Void> end(Mutiny.StatelessSession session, String held, boolean unread) {
    return ended
        .publish(
            session,
            session.createNativeQuery(END_OF_GRANT, String.class).setParameter("unread", unread))
        .chain(() -> session.createNativeQuery(NOW, Long.class).getSingleResult())
        .map(Instant::ofEpochMilli)
        .call(now -> count(session, now))
        .chain(now ->
            ended.publish(
                session,
                session
                    .createNativeQuery(LAPSED, String.class)
                    .setParameter("held", held)
                    .setParameter("unread", unread)
                    .setParameter("lasts", vigil.lasts(now))
                    .setParameter("lease", seconds(lease))))
        .replaceWithVoid();
  }

  /// Counts the time that ends now, where this executor has seen the database throughout.
  Uni<?> count(Mutiny.StatelessSession session, Instant now) {
    return chance.lastsOnceMore(now)
        ? session
            .createNativeQuery(COUNT)
            .setParameter("now", now.toString())
            .setParameter("third", seconds(third))
            .executeUpdate()
        : Uni.createFrom().voidItem();
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
