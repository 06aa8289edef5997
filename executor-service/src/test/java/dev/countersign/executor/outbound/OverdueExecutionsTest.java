package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.executor.Outside;
import dev.countersign.executor.Wire;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.hibernate.reactive.mutiny.Mutiny;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
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

  private static final String STATES =
      """
      select state from execution
      where action_id in (cast(:handedOver as uuid), cast(:begun as uuid), cast(:again as uuid))
      order by case action_id when cast(:handedOver as uuid) then 1
                              when cast(:begun as uuid) then 2 else 3 end
      """;

  @Inject Mutiny.SessionFactory sessions;
  @Inject OverdueExecutions overdue;

  @Test
  void whatAnotherSystemMayHaveSaidIsNotGivenUpBeforeItIsRead() {
    Wire.await(
        "that leases are judged", () -> swept(true).equals(List.of("started", "done", "ready")));
    assertEquals(List.of("done", "done", "done"), swept(false));
  }

  /// What becomes of such rows, in a transaction that nobody else sees and that is taken back.
  private List<String> swept(boolean unread) {
    List<UUID> ids = List.of(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID());
    return sessions
        .withStatelessTransaction((session, transaction) -> {
          transaction.markForRollback();
          return about(ids, session.createNativeQuery(OVERDUE))
              .executeUpdate()
              .chain(() -> overdue.end(session, "[]", unread))
              .chain(() ->
                  about(ids, session.createNativeQuery(STATES, String.class)).getResultList());
        })
        .await()
        .atMost(Duration.ofSeconds(20));
  }

  private static <Q extends Mutiny.AbstractQuery> Q about(List<UUID> ids, Q query) {
    query.setParameter("handedOver", ids.get(0).toString());
    query.setParameter("begun", ids.get(1).toString());
    query.setParameter("again", ids.get(2).toString());
    return query;
  }
}
