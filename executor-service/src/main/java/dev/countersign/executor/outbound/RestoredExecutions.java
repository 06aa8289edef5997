package dev.countersign.executor.outbound;

import dev.countersign.events.Reason;
import dev.countersign.messaging.NewEpoch;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.hibernate.reactive.mutiny.Mutiny;

/// Executions of before the database was put back. Whether they had ended since the backup, nobody
/// here knows: that nothing was run would be a guess, so they are `unknown`.
///
/// Decisions that were taken since the backup are read again, and end the same way ({@link
/// PostgresExecutions}): so their ids are taken, and nothing runs under them twice.
@ApplicationScoped
class RestoredExecutions implements NewEpoch {

  static final Reason RESTORED =
      new Reason(
          Reason.RESTORED,
          "The executor's database was put back from a backup. Whether this was run after that"
              + " backup was made is not known here, and it is not run now. Look at the target"
              + " whether it took effect; if it did not, propose it anew, under a new id.");

  /// Whether a grant that is valid from `%s` on was given in an epoch before.
  static final String VOID = "exists (select 1 from epoch where voids_before > %s)";

  private static final String END =
      """
      with finished as (
        update execution e set
          state = 'done', finished_at = now(), status = 'unknown',
          reason_code = :code, reason_text = :text
        where e.state <> 'done'
        returning e.*)
      """
          + EndedExecutions.FINISHED;

  private final EndedExecutions ended;

  @Inject
  RestoredExecutions(EndedExecutions ended) {
    this.ended = ended;
  }

  @Override
  public Uni<Void> begins(Mutiny.StatelessSession session) {
    return ended
        .publish(
            session,
            session
                .createNativeQuery(END, String.class)
                .setParameter("code", RESTORED.code())
                .setParameter("text", RESTORED.text()))
        .replaceWithVoid();
  }

  /// Decisions, whose grants are void by now, and freezes, which hold things back.
  @Override
  public boolean readsAgain() {
    return true;
  }
}
