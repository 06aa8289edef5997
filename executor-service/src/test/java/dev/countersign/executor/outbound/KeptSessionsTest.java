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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A session with an MCP server serves one call after the other, and nobody whom it was not opened
/// for.
class KeptSessionsTest {

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  @SuppressWarnings("NullAway.Init") // before each test
  private McpCalls calls;

  @BeforeEach
  void open() throws IOException {
    calls = new McpCalls(folder);
  }

  @AfterEach
  void close() {
    calls.close();
  }

  @Test
  void theNextCallIsMadeInTheSameSessionUnderItsOwnNumberAndTrace() throws Exception {
    Begun one = McpCalls.begun();
    Begun other = McpCalls.begun();
    assertEquals(Status.SUCCEEDED, calls.run(one, LastLook.NONE).status());
    assertEquals(Status.SUCCEEDED, calls.run(other, LastLook.NONE).status());

    assertEquals(
        List.of("initialize", "notifications/initialized", "tools/call", "tools/call"),
        calls.server.said());
    Asked first = calls.server.calls().get(0);
    Asked second = calls.server.calls().get(1);
    assertEquals(first.session(), second.session());
    assertEquals(List.of(1L, 2L, 3L), calls.server.ids());
    assertEquals(one.traceparent(), first.traceparent());
    assertEquals(other.traceparent(), second.traceparent());
  }

  @Test
  void aServerWithoutSessionsIsNotAskedForItsVersionEachTime() throws Exception {
    calls.server.keepsNoSessions();

    calls.run();
    calls.run();

    assertEquals(1, calls.server.opened());
    assertEquals(2, calls.server.effects());
  }

  @Test
  void thatTheToolAnswersWithAnErrorSaysNothingOfTheSession() throws Exception {
    calls.server.answers(Answer.TOOL_ERROR);

    assertEquals(Status.UNKNOWN, calls.run().status());
    calls.run();

    assertEquals(1, calls.server.opened());
  }

  @Test
  void whatIsTakenByAnotherCallIsNobodyElsesMeanwhile() throws Exception {
    calls.run();
    calls.server.answersAfter(3);

    calls.together(2);

    assertEquals(2, calls.server.opened());
    assertNotEquals(calls.server.calls().get(1).session(), calls.server.calls().get(2).session());
  }

  @Test
  void withAnotherCredentialThereIsAnotherSession() throws Exception {
    calls.run();
    calls.credential("second");
    calls.run();

    assertEquals(2, calls.server.opened());
    assertEquals(
        List.of("Bearer first", "Bearer second"),
        calls.server.calls().stream().map(Asked::credential).toList());
    assertNotEquals(calls.server.calls().get(0).session(), calls.server.calls().get(1).session());

    // Each waits for who it was opened for.
    calls.credential("first");
    calls.run();
    assertEquals(2, calls.server.opened());
  }

  @Test
  void aCredentialThatIsReplacedAtTheLastMomentGoesOutInASessionOfItsOwn() throws Exception {
    calls.run(McpCalls.approved(), LastLook.NONE);
    calls.server.onceListed(() -> calls.credential("second"));

    assertEquals(Status.SUCCEEDED, calls.run(McpCalls.approved(), LastLook.NONE).status());

    assertEquals(2, calls.server.opened());
    assertEquals(2, calls.server.effects());
    Asked last = calls.server.calls().getLast();
    assertEquals("Bearer second", last.credential());
    assertNotEquals(calls.server.calls().getFirst().session(), last.session());
    // Of the first one nobody will want anything any more.
    calls.server.awaitOpen(1);
  }

  @Test
  void oneInWhichTheCredentialChangedIsNobodysAfterwards() throws Exception {
    calls.server.onceListed(() -> calls.credential("second"));

    assertEquals(Status.SUCCEEDED, calls.run(McpCalls.approved(), LastLook.NONE).status());

    assertEquals(1, calls.server.opened());
    calls.server.awaitOpen(0);
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
    calls.run();
    calls.connector = calls.connector("", Map.of(), McpCalls.PATIENT);
    calls.run();

    assertEquals(2, calls.server.opened());
    calls.mcp.keepOnly(Set.of(calls.connector.named("")));
    calls.server.awaitOpen(1);
  }

  @Test
  void allToolsOfAServerHaveItsSessions() throws Exception {
    calls.run();
    calls.connector = calls.connector.named("refund-more");
    calls.run();

    assertEquals(1, calls.server.opened());
  }

  @Test
  void oneThatWaitedTooLongIsNotTakenAndIsEnded() throws Exception {
    calls.run();
    calls.clock.addAndGet(McpCalls.IDLE.toNanos() - 1);
    calls.run();
    assertEquals(1, calls.server.opened());

    calls.clock.addAndGet(McpCalls.IDLE.toNanos());
    calls.run();
    assertEquals(2, calls.server.opened());

    calls.mcp.keepOnly(Set.of(calls.connector.named("")));
    calls.server.awaitOpen(1);
    calls.clock.addAndGet(McpCalls.IDLE.toNanos());
    calls.mcp.keepOnly(Set.of(calls.connector.named("")));
    calls.server.awaitOpen(0);
  }

  @Test
  void oneThatIsInUseAllTheTimeIsEndedSomeTimeToo() throws Exception {
    long halfIdle = McpCalls.IDLE.toNanos() / 2;
    while (calls.clock.get() < KeptSessions.LONGEST.toNanos()) {
      calls.run();
      assertEquals(1, calls.server.opened());
      calls.clock.addAndGet(halfIdle);
    }

    calls.run();

    assertEquals(2, calls.server.opened());
    calls.mcp.keepOnly(Set.of(calls.connector.named("")));
    calls.server.awaitOpen(1);
  }

  @Test
  void howeverManyAreOpenedAtOnceAFewAreKept() throws Exception {
    int many = KeptSessions.MOST_OF_AN_ENTRY + 4;
    calls.server.answersAfter(many);

    calls.together(many);

    assertEquals(many, calls.server.opened());
    calls.server.awaitOpen(KeptSessions.MOST_OF_AN_ENTRY);
  }

  @Test
  void inTheEndAllAreEndedAndNoneIsKept() throws Exception {
    calls.server.answersAfter(3);
    calls.together(3);
    assertEquals(3, calls.server.open());

    Gate.await(calls.mcp.close());
    assertEquals(0, calls.server.open());

    calls.run();
    calls.server.awaitOpen(0);
  }
}
