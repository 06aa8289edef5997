package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.executor.Outside;
import dev.countersign.executor.Wire;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // injected
class OverdueExecutionsTest {

  // Of what was begun and handed over, begun and not handed over, and is to be handed over again.
  private static final String OVERDUE =
      """
      insert into execution (action_id, state, attempt, grant_token, grant_nbf, grant_exp,
          instance, lease_until, action_digest, agent, toolset, tool, parameters)
      select cast(id as uuid), state, 1, token, now(), now(), 'the dead', now() - interval '1 s',
          'sha256:' || repeat('0', 64), 'bot', 'test', 'command', '{}'
      from (values (:handedOver, 'started', 'x'), (:begun, 'started', null),
          (:again, 'ready', 'x')) as v (id, state, token)
      """;

  private static final String BEGUN =
      """
      insert into execution (action_id, state, attempt, grant_nbf, grant_exp, instance, lease_until,
          action_digest, agent, toolset, tool, parameters)
      values (cast(:id as uuid), 'started', 1, now(), now(), 'the dead',
          now() - cast(cast(:ago as text) as interval), 'sha256:' || repeat('0', 64), 'bot', 'test',
          'command', '{}')
      """;

  private static final String STATES =
      """
      select state from execution
      where action_id in (cast(:handedOver as uuid), cast(:begun as uuid), cast(:again as uuid))
      order by case action_id when cast(:handedOver as uuid) then 1
                              when cast(:begun as uuid) then 2 else 3 end
      """;

  private static final Instant START = Instant.parse("2036-11-29T09:00:00Z");

  @Inject Mutiny.SessionFactory sessions;
  @Inject DataSource database;
  @Inject OverdueExecutions overdue;
  @Inject EndedExecutions ended;

  @ConfigProperty(name = "countersign.executor.lease")
  Duration lease;

  @ConfigProperty(name = "countersign.executor.sweep")
  Duration sweep;

  @Test
  void whatAnotherSystemMayHaveSaidIsNotGivenUpBeforeItIsRead() {
    Wire.await(
        "that leases are judged", () -> swept(true).equals(List.of("started", "done", "ready")));
    assertEquals(List.of("done", "done", "done"), swept(false));
  }

  /// Executors that die soon after each start see the database for a whole lease only together.
  @Test
  void whoHasJustBegunGoesByWhatThoseBeforeItSaw() {
    Wire.await("that it was seen three times for a third of a lease", this::hasBeenSeen);

    // Since it was extended last, who had the first could have done so three times, the other
    // twice.
    assertEquals(List.of("done", "started"), judged("6 s", List.of("4 s", "1 s")));
    // The clock was put back.
    assertEquals(List.of("started", "started"), judged("-1 hour", List.of("4 s", "1 s")));
  }

  /// The row is locked for as long as the sweep of whoever counted lasts, and half a minute longer
  /// where its host is gone.
  @Test
  void whoeverIsCountingHoldsNobodyUp() throws Exception {
    Wire.await("that it was seen three times for a third of a lease", this::hasBeenSeen);
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      try {
        statement.execute("select from vigil for update");
        inVain(session ->
            session
                .createNativeQuery("set local lock_timeout = '2s'")
                .executeUpdate()
                .chain(() -> counted(session, watcher(), 0, 2, 4, 6)));
      } finally {
        connection.rollback();
      }
    }
  }

  /// Whoever had begun something could extend its lease once in a time that two saw.
  @Test
  void whatTwoSeeAtOnceIsCountedOnce() {
    OverdueExecutions one = watcher();
    OverdueExecutions other = watcher();

    assertEquals(
        "4 2 0",
        row(session ->
            counted(session, one, 0)
                .chain(() -> counted(session, other, 1))
                .chain(() -> counted(session, one, 2))
                .chain(() -> counted(session, other, 3))
                .chain(() -> counted(session, one, 4))
                .chain(() -> counted(session, other, 5))
                .chain(() -> counted(session, one, 6))));
  }

  @Test
  void whatThoseSawWhoCameAfterOneAnotherIsCountedTogether() {
    assertEquals(
        "8 5 2",
        row(session ->
            counted(session, watcher(), 0, 2)
                .chain(() -> counted(session, watcher(), 2, 4))
                .chain(() -> counted(session, watcher(), 5, 7))
                .chain(() -> counted(session, watcher(), 8, 10))));
  }

  /// The clock was put back.
  @Test
  void whatWasCountedInATimeThatIsToComeCountsNoMore() {
    assertEquals(
        "0",
        row(session ->
            counted(session, watcher(), 90, 92, 94, 96)
                .chain(() -> counted(session, watcher(), 0, 2))));
  }

  private boolean hasBeenSeen() {
    return sessions
        .withStatelessSession(session ->
            session
                .createNativeQuery("select count(earliest) from vigil", Long.class)
                .getSingleResult())
        .await()
        .atMost(Duration.ofSeconds(20))
        .equals(1L);
  }

  /// What one that has just begun makes of leases that lapsed so long ago, in a transaction that
  /// nobody else sees.
  ///
  /// @param seen how long ago it was seen last for a third of a lease, and each time as long before
  private List<String> judged(String seen, List<String> lapsed) {
    List<String> ids = lapsed.stream().map(_ -> UUID.randomUUID().toString()).toList();
    return inVain(session -> {
      Uni<?> before =
          session
              .createNativeQuery(
                  """
                  update vigil set latest = now() - s, middle = now() - 2 * s, earliest = now() - 3 * s
                  from (select cast(cast(:seen as text) as interval)) as v (s)
                  """)
              .setParameter("seen", seen)
              .executeUpdate();
      for (int i = 0; i < ids.size(); i++) {
        String id = ids.get(i);
        String ago = lapsed.get(i);
        before =
            before.chain(() ->
                session
                    .createNativeQuery(BEGUN)
                    .setParameter("id", id)
                    .setParameter("ago", ago)
                    .executeUpdate());
      }
      return before
          .chain(() -> new OverdueExecutions(ended, lease, sweep).end(session, "[]", false))
          .chain(() ->
              session
                  .createNativeQuery(
                      "select state from execution where action_id in"
                          + " (cast(:first as uuid), cast(:second as uuid)) order by lease_until",
                      String.class)
                  .setParameter("first", ids.getFirst())
                  .setParameter("second", ids.getLast())
                  .getResultList());
    });
  }

  /// One with a lease of six seconds, two of which are a time that counts.
  private OverdueExecutions watcher() {
    return new OverdueExecutions(ended, Duration.ofSeconds(6), Duration.ofSeconds(1));
  }

  /// Has it see the database at these seconds.
  private static Uni<?> counted(
      Mutiny.StatelessSession session, OverdueExecutions watcher, int... seconds) {
    Uni<?> counted = Uni.createFrom().voidItem();
    for (int each : seconds) {
      counted = counted.chain(() -> watcher.count(session, START.plusSeconds(each)));
    }
    return counted;
  }

  /// When those times began that are counted after this, latest first, where none was before.
  private String row(Function<Mutiny.StatelessSession, Uni<?>> counting) {
    return inVain(session ->
        session
            .createNativeQuery(
                """
                insert into vigil (one, latest) values (true, '-infinity')
                on conflict (one) do update set latest = excluded.latest, middle = null, earliest = null
                """)
            .executeUpdate()
            .chain(() -> counting.apply(session))
            .chain(() ->
                session
                    .createNativeQuery(
                        """
                        select concat_ws(' ', cast(extract(epoch from latest - start) as integer),
                            cast(extract(epoch from middle - start) as integer),
                            cast(extract(epoch from nullif(earliest, '-infinity') - start) as integer))
                        from vigil, (select cast(cast(:start as text) as timestamptz)) as v (start)
                        """,
                        String.class)
                    .setParameter("start", START.toString())
                    .getSingleResult()));
  }

  /// In a transaction that nobody else sees and that is taken back.
  private <T> T inVain(Function<Mutiny.StatelessSession, Uni<? extends T>> work) {
    return sessions
        .withStatelessTransaction((session, transaction) -> {
          transaction.markForRollback();
          return work.apply(session).<T>map(each -> each);
        })
        .await()
        .atMost(Duration.ofSeconds(20));
  }

  /// What becomes of such rows, in a transaction that nobody else sees and that is taken back.
  private List<String> swept(boolean unread) {
    List<UUID> ids = List.of(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID());
    return inVain(session -> {
      return about(ids, session.createNativeQuery(OVERDUE))
          .executeUpdate()
          .chain(() -> overdue.end(session, "[]", unread))
          .chain(() -> about(ids, session.createNativeQuery(STATES, String.class)).getResultList());
    });
  }

  private static <Q extends Mutiny.AbstractQuery> Q about(List<UUID> ids, Q query) {
    query.setParameter("handedOver", ids.get(0).toString());
    query.setParameter("begun", ids.get(1).toString());
    query.setParameter("again", ids.get(2).toString());
    return query;
  }
}
