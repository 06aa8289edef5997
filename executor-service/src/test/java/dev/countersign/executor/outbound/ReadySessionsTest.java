package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.countersign.events.Execution.Status;
import dev.countersign.executor.application.Begun;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.Template;
import dev.countersign.executor.outbound.SessionsServer.Answer;
import dev.countersign.executor.outbound.SessionsServer.Asked;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A session with an MCP server is opened before its call comes, serves that call alone, and nobody
/// whom it was not opened for.
class ReadySessionsTest {

  @AutoClose private final McpCalls calls;

  ReadySessionsTest(@TempDir Path folder) throws IOException {
    calls = new McpCalls(folder);
  }

  @Test
  void theNextCallHasASessionThatIsOpenWhenItComesAndItsOwn() throws Exception {
    Begun one = McpCalls.begun();
    Begun other = McpCalls.begun();
    assertEquals(Status.SUCCEEDED, calls.run(one, LastLook.NONE).status());
    calls.awaitReady(1);
    assertEquals(Status.SUCCEEDED, calls.run(other, LastLook.NONE).status());

    assertEquals(
        List.of(
            "initialize",
            "notifications/initialized",
            "tools/call",
            "initialize",
            "notifications/initialized",
            "tools/call"),
        calls.server.said().subList(0, 6));
    Asked first = calls.server.calls().get(0);
    Asked second = calls.server.calls().get(1);
    assertNotEquals(first.session(), second.session());
    assertEquals(List.of(1L, 2L, 1L, 2L), calls.server.ids().subList(0, 4));
    assertEquals(one.traceparent(), first.traceparent());
    assertEquals(other.traceparent(), second.traceparent());
    // The two that were used are ended.
    calls.awaitReady(1);
  }

  @Test
  void ofAServerWithoutSessionsTheVersionIsAskedForAhead() throws Exception {
    calls.server.keepsNoSessions();
    calls.prime();
    calls.prime();

    assertEquals(
        List.of("tools/call", "initialize", "notifications/initialized", "tools/call"),
        calls.server.said().subList(2, 6));
  }

  @Test
  void thatTheToolAnswersWithAnErrorSaysNothingOfTheServer() throws Exception {
    calls.server.answers(Answer.TOOL_ERROR);

    assertEquals(Status.UNKNOWN, calls.run().status());

    calls.awaitReady(1);
  }

  @Test
  void withAnotherCredentialThereIsAnotherSession() throws Exception {
    calls.prime();
    calls.credential("second");
    calls.run();

    assertEquals(
        List.of("Bearer first", "Bearer second"),
        calls.server.calls().stream().map(Asked::credential).toList());
    // The first one's, the one ahead, and the second one's.
    assertEquals("session-3", calls.server.calls().get(1).session());

    // Each waits for who it was opened for.
    calls.awaitReady(2);
    calls.credential("first");
    calls.run();
    assertEquals("session-2", calls.server.calls().get(2).session());
  }

  @Test
  void aCredentialThatIsReplacedAtTheLastMomentGoesOutInASessionOfItsOwn() throws Exception {
    calls.run(McpCalls.approved(), LastLook.NONE);
    calls.awaitReady(1);
    calls.server.onceListed(() -> calls.credential("second"));

    assertEquals(Status.SUCCEEDED, calls.run(McpCalls.approved(), LastLook.NONE).status());

    assertEquals(2, calls.server.effects());
    Asked last = calls.server.calls().getLast();
    assertEquals("Bearer second", last.credential());
    assertEquals("session-3", last.session());
  }

  @ParameterizedTest
  @ValueSource(strings = {"header", "path", "query"})
  void whatIsMadeOfAnActionsParametersServesThatActionAlone(String where) throws Exception {
    Template customer = Template.of("${params.customer}");
    calls.connector =
        switch (where) {
          case "header" -> calls.connector("", Map.of("X-Customer", customer), McpCalls.PATIENT);
          case "path" -> calls.connector("/${params.customer}", Map.of(), McpCalls.PATIENT);
          default -> calls.connector("?customer=${params.customer}", Map.of(), McpCalls.PATIENT);
        };

    calls.run();
    calls.run();

    assertEquals(2, calls.server.opened());
    calls.server.awaitOpen(0);
  }

  @Test
  void whatIsReadAnewFromConnectorsYamlIsAnotherServer() throws Exception {
    calls.prime();
    calls.connector = calls.connector("", Map.of(), McpCalls.PATIENT);
    calls.run();

    assertEquals("session-3", calls.server.calls().get(1).session());
    calls.mcp.keepOnly(Set.of(calls.connector.named("")));
    calls.awaitReady(1);
  }

  @Test
  void atAServerThatWasTakenOutNoneIsOpenedAhead() throws Exception {
    calls.prime();
    calls.takeOut();

    calls.run();

    calls.server.awaitOpen(0);
    assertEquals(2, calls.server.opened());
  }

  @Test
  void whatIsEndedIsEndedByWhomItWasOpenedFor() throws Exception {
    calls.prime();
    calls.credential("second");
    calls.run();
    calls.awaitReady(2);

    Gate.await(calls.mcp.close());

    // The first one's is left to the server: nobody is that any more.
    assertEquals(1, calls.server.open());
    assertEquals(
        List.of("Bearer first", "Bearer second", "Bearer second"),
        calls.server.ended().stream().map(Asked::credential).toList());
  }

  @Test
  void anyToolOfAServerMayHaveIt() throws Exception {
    calls.prime();
    calls.connector = calls.connector.named("refund-more");
    calls.run();

    assertEquals("session-2", calls.server.calls().get(1).session());
  }

  @Test
  void oneThatWaitedTooLongIsNotTakenAndIsEnded() throws Exception {
    calls.prime();
    calls.clock.addAndGet(McpCalls.LONGEST.toNanos() - 1);
    calls.prime();
    assertEquals("session-2", calls.server.calls().get(1).session());

    calls.clock.addAndGet(McpCalls.LONGEST.toNanos());
    calls.run();
    assertEquals("session-4", calls.server.calls().get(2).session());
    // The one that is overdue, and the next call's.
    calls.server.awaitOpen(2);

    calls.mcp.keepOnly(Set.of(calls.connector.named("")));
    calls.awaitReady(1);
    calls.clock.addAndGet(McpCalls.LONGEST.toNanos());
    calls.mcp.keepOnly(Set.of(calls.connector.named("")));
    calls.awaitReady(0);
  }

  @Test
  void howeverManyCallsAreMadeAtOnceAFewSessionsAreReady() throws Exception {
    int many = ReadySessions.MOST_OF_AN_ENTRY + 4;
    calls.server.answersAfter(many);

    calls.together(many);

    calls.awaitReady(ReadySessions.MOST_OF_AN_ENTRY);
    assertEquals(many + ReadySessions.MOST_OF_AN_ENTRY, calls.server.opened());
  }

  @Test
  void inTheEndAllAreEndedAndNoneIsOpenedAhead() throws Exception {
    calls.server.answersAfter(3);
    calls.together(3);
    calls.awaitReady(3);

    Gate.await(calls.mcp.close());
    assertEquals(0, calls.server.open());

    calls.run();
    calls.server.awaitOpen(0);
    assertEquals(7, calls.server.opened());
  }
}
