package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.events.Execution.Status;
import dev.countersign.events.Reason;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.Listing;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.outbound.SessionsServer.Answer;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whatever becomes of a session, a call that is made in it takes effect once.
class LostSessionsTest {

  @AutoClose private final McpCalls calls;

  LostSessionsTest(@TempDir Path folder) throws IOException {
    calls = new McpCalls(folder);
  }

  @Test
  void whereTheServerHasEndedTheSessionTheCallIsMadeInANewOneAndOnce() throws Exception {
    calls.prime();
    calls.server.forgetsItsSessions();

    assertEquals(Status.SUCCEEDED, calls.run().status());

    assertEquals(2, calls.server.effects());
    assertEquals(3, calls.server.calls().size());
    // And the next one's is opened, as ever.
    calls.awaitReady(1);
    assertEquals(4, calls.server.opened());
  }

  @Test
  void beforeTheSecondTryAllIsLookedAtAsBeforeTheFirst() throws Exception {
    calls.prime();
    calls.server.forgetsItsSessions();
    AtomicInteger looks = new AtomicInteger();
    LastLook onlyOnce =
        () ->
            Uni.createFrom()
                .item(
                    looks.incrementAndGet() == 1
                        ? Optional.empty()
                        : Optional.of(Outcome.refused(new Reason("frozen", "It is frozen."))));

    Outcome outcome = calls.run(McpCalls.begun(), onlyOnce);

    assertEquals(Status.REFUSED, outcome.status());
    assertEquals("frozen", McpCalls.code(outcome));
    assertEquals(2, looks.get());
    assertEquals(1, calls.server.effects());
    assertEquals(2, calls.server.calls().size());
  }

  @Test
  void aServerThatWasStartedAnewIsHeldAgainstWhatWasAcceptedOfIt() throws Exception {
    calls.run(McpCalls.approved(), LastLook.NONE);
    calls.awaitReady(1);
    calls.server.forgetsItsSessions();
    calls.server.describes("Refunds, to whom it likes.");

    Outcome outcome = calls.run(McpCalls.approved(), LastLook.NONE);

    assertEquals("tool-drifted", McpCalls.code(outcome));
    assertEquals(1, calls.server.effects());
  }

  @Test
  void whereItWasStartedAnewAfterItSaidWhatItHasItIsAskedForThatAgain() throws Exception {
    calls.run(McpCalls.approved(), LastLook.NONE);
    calls.awaitReady(1);
    calls.server.onceListed(() -> {
      calls.server.forgetsItsSessions();
      calls.server.describes("Refunds, to whom it likes.");
    });

    Outcome outcome = calls.run(McpCalls.approved(), LastLook.NONE);

    assertEquals("tool-drifted", McpCalls.code(outcome));
    assertEquals(2, calls.server.calls().size());
    assertEquals(1, calls.server.effects());
  }

  @Test
  void aSessionThatIsGoneWhenTheToolsAreListedIsOpenedAnewTooAndNoFaultOfTheServers()
      throws Exception {
    List<Optional<String>> problems = new CopyOnWriteArrayList<>();
    calls.server.onceListed(() ->
        problems.add(
            Optional.ofNullable(calls.listings.all().get(McpCalls.TOOLSET)).map(Listing::problem)));
    calls.run(McpCalls.approved(), LastLook.NONE);
    calls.awaitReady(1);
    calls.server.forgetsItsSessions();

    assertEquals(Status.SUCCEEDED, calls.run(McpCalls.approved(), LastLook.NONE).status());

    assertEquals(2, calls.server.effects());
    assertEquals(List.of(Optional.empty(), Optional.empty()), problems);
  }

  @Test
  void whatIsNotFoundInASessionThatWasJustOpenedIsNotAskedForTwice() throws Exception {
    calls.server.answers(Answer.NOT_FOUND);

    assertEquals(Status.FAILED, calls.run().status());

    assertEquals(1, calls.server.calls().size());
  }

  @Test
  void whoFindsNothingInTheNewSessionEitherIsNotAskedAThirdTime() throws Exception {
    calls.prime();
    calls.server.answers(Answer.NOT_FOUND);

    assertEquals(Status.FAILED, calls.run().status());

    assertEquals(3, calls.server.calls().size());
    assertEquals(3, calls.server.opened());
  }

  @Test
  void thatAServerWithoutSessionsFindsNothingProvesNothing() throws Exception {
    calls.server.keepsNoSessions();
    calls.prime();
    calls.server.answers(Answer.NOT_FOUND);

    assertEquals(Status.FAILED, calls.run().status());

    assertEquals(2, calls.server.calls().size());
    assertEquals(2, calls.server.opened());
  }

  @ParameterizedTest
  @CsvSource({
    "RPC_ERROR,   FAILED",
    "NONSENSE,    UNKNOWN",
    "TOO_MUCH,    UNKNOWN",
    "BAD_REQUEST, FAILED",
    "CUSTOMER_NOT_FOUND, FAILED",
    "UNAVAILABLE, UNKNOWN",
    "NOT_IMPLEMENTED, UNKNOWN",
    "CUT,         UNKNOWN",
  })
  void whateverElseIsAnsweredTheCallIsMadeOnceAndItsSessionIsEnded(Answer answer, Status status)
      throws Exception {
    calls.prime();
    calls.server.answers(answer);

    assertEquals(status, calls.run().status());

    assertEquals(2, calls.server.calls().size());
    // Who answers so is not visited ahead.
    calls.server.awaitOpen(0);
    assertEquals(2, calls.server.opened());
  }

  @Test
  void whoLeavesACallUnansweredMayHaveDoneIt() throws Exception {
    calls.connector = calls.connector("", Map.of(), Duration.ofSeconds(3));
    calls.prime();
    calls.server.answers(Answer.NEVER);

    assertEquals(Status.UNKNOWN, calls.run().status());

    assertEquals(2, calls.server.calls().size());
    calls.server.awaitOpen(0);
  }
}
