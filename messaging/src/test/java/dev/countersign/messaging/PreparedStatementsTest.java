package dev.countersign.messaging;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.VertxContextSupport;
import jakarta.inject.Inject;
import org.hibernate.reactive.mutiny.Mutiny;
import org.junit.jupiter.api.Test;

/// How every service's connections to its database are.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
class PreparedStatementsTest {

  @Inject Mutiny.SessionFactory sessions;

  @Test
  void longOnesStayPreparedToo() throws Throwable {
    String statement = "select cast('" + "x".repeat(4_000) + "' as text)";

    long kept =
        VertxContextSupport.subscribeAndAwait(() ->
            sessions.withStatelessTransaction(session ->
                session
                    .createNativeQuery(statement, String.class)
                    .getSingleResult()
                    .chain(() ->
                        session
                            .createNativeQuery(
                                "select count(*) from pg_prepared_statements"
                                    + " where length(statement) > 4000",
                                Long.class)
                            .getSingleResult())));

    assertEquals(1, kept);
  }

  @Test
  void noTableIsReadWhereARowCanBeLookedUp() throws Throwable {
    assertEquals(
        "off",
        VertxContextSupport.subscribeAndAwait(() ->
            sessions.withStatelessTransaction(session ->
                session
                    .createNativeQuery("select current_setting('enable_seqscan')", String.class)
                    .getSingleResult())));
  }
}
