package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution.Status;
import dev.countersign.executor.OddServer;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.Credential;
import dev.countersign.executor.domain.Floor;
import dev.countersign.executor.domain.Offer;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.StdioConnector;
import dev.countersign.executor.domain.StdioConnector.Program;
import dev.countersign.executor.domain.StdioConnector.Value;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A program that is an MCP server is a stranger's, and may do anything.
@SuppressWarnings("NullAway.Init") // before each
class StdioMcpTest {

  private static final Duration PATIENT = Duration.ofMinutes(2);

  @TempDir Path folder;
  private Vertx vertx;
  private StdioMcp mcp;

  @BeforeEach
  void open() throws Exception {
    Files.writeString(folder.resolve("token"), "s3cret-of-the-program\n");
    vertx = Vertx.vertx();
    mcp = new StdioMcp(vertx, new Credentials(folder, Optional::empty));
  }

  @AfterEach
  void close() {
    mcp.close();
    await(vertx.close());
  }

  @Test
  void aProgramGetsItsArgumentsAsTheyAreAndOfOurEnvironmentWhatEveryProgramNeeds()
      throws Exception {
    JsonNode itself = itself(program("; touch /tmp/never", "$HOME", "a b"));

    assertEquals("[\"; touch /tmp/never\",\"$HOME\",\"a b\"]", itself.path("arguments").toString());
    Set<String> names =
        Set.copyOf(
            itself.path("environment").properties().stream().map(Map.Entry::getKey).toList());
    assertTrue(
        Set.of("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "TOKEN", "REGION")
            .containsAll(names),
        names::toString);
    assertEquals("s3cret-of-the-program", itself.path("environment").path("TOKEN").asText());
    assertEquals("eu", itself.path("environment").path("REGION").asText());
  }

  @Test
  void itsToolsAreReadToTheLastPage() {
    McpSession session = session(program());

    ServerTools.Listed listed = await(ServerTools.list(session, Instant.EPOCH, PATIENT));

    assertEquals(
        List.of("echo", "refund", "hang"),
        assertInstanceOf(ServerTools.Listed.All.class, listed).listing().offers().stream()
            .map(Offer::name)
            .toList());
  }

  @Test
  void oneRunServesAllCalls() throws Exception {
    long first = itself(program()).path("pid").asLong();

    assertEquals(first, itself(program()).path("pid").asLong());
  }

  @Test
  void itMayAskWhetherWeAreThereAndForNothingElse() {
    McpSession.Reply reply = call(session(program()), "ask", PATIENT);

    assertInstanceOf(Exchanged.Answered.class, reply.exchanged());
    // The answers to it have not confused it.
    assertInstanceOf(
        Exchanged.Answered.class, call(session(program()), "echo", PATIENT).exchanged());
  }

  @ParameterizedTest
  @ValueSource(strings = {"die", "flood", "chatter", "much"})
  void whateverItDoesInACallTheOutcomeIsUnknownAndTheNextCallGetsAnother(String how)
      throws Exception {
    long first = itself(program()).path("pid").asLong();

    McpSession.Reply reply = call(session(program()), how, PATIENT);

    assertEquals("cut-off", reason(reply.exchanged()));
    assertNotEquals(first, itself(program()).path("pid").asLong());
    awaitGone(first);
  }

  @Test
  void oneThatLeavesACallUnansweredIsEndedAndTheNextCallGetsAnother() throws Exception {
    long first = itself(program()).path("pid").asLong();

    McpSession.Reply reply = call(session(program()), "hang", Duration.ofSeconds(1));

    assertEquals("timeout", reason(reply.exchanged()));
    assertNotEquals(first, itself(program()).path("pid").asLong());
    awaitGone(first);
  }

  /// What it was sent stays in its pipe, and whoever writes there waits.
  @Test
  void oneThatReadsNothingAnyMoreIsEndedAllTheSame() throws Exception {
    long first = itself(program()).path("pid").asLong();
    McpSession session = session(program());
    ObjectNode much = params("echo");
    much.withObject("arguments").put("text", "x".repeat(256 * 1024));

    Future<McpSession.Reply> deaf =
        session.send("tools/call", params("deaf"), Duration.ofSeconds(2));
    McpSession.Reply unread = await(session.send("tools/call", much, Duration.ofSeconds(2)));

    assertEquals("timeout", reason(await(deaf).exchanged()));
    assertEquals("timeout", reason(unread.exchanged()));
    session.close();
    awaitGone(first);
  }

  /// Between its last look and the program's taking it in a freeze may have come.
  @Test
  void aCallThatItTakesInTooLateAfterTheLastLookIsNotMadeAndFails() throws Exception {
    long first = itself(program()).path("pid").asLong();
    McpSession session = session(program());
    ObjectNode much = params("echo");
    much.withObject("arguments").put("text", "x".repeat(256 * 1024));
    Future<McpSession.Reply> busy = session.send("tools/call", params("busy"), PATIENT);
    Future<McpSession.Reply> unread = session.send("tools/call", much, PATIENT);

    Future<McpSession.Reply> late =
        session.send("tools/call", params("refund"), "key", PATIENT, LastLook.NONE);
    // The clock: what was asked after it has waited two seconds.
    var _ = await(session.send("tools/list", params(""), Duration.ofSeconds(2)));
    Files.createFile(folder.resolve("go"));

    Outcome why = assertInstanceOf(Exchanged.Not.class, await(late).exchanged()).why();
    assertEquals(Status.FAILED, why.status());
    assertEquals("mcp-busy", Objects.requireNonNull(why.reason()).code());
    assertInstanceOf(Exchanged.Answered.class, await(busy).exchanged());
    assertInstanceOf(Exchanged.Answered.class, await(unread).exchanged());
    session.close();
    awaitGone(first);
    assertFalse(Files.exists(folder.resolve("calls")));
  }

  @Test
  void oneThatIsReplacedServesWhoeverHasASessionOfItToTheEnd() throws Exception {
    McpSession one = session(program());
    McpSession other = session(program());
    long first = itself(program()).path("pid").asLong();
    Files.writeString(folder.resolve("token"), "another\n");
    assertNotEquals(first, itself(program()).path("pid").asLong());

    // Twice by one is not once by each.
    one.close();
    one.close();

    JsonNode itself = json(await(other.send("tools/call", params("echo"), PATIENT)));
    assertEquals(first, itself.path("pid").asLong());
    other.close();
    awaitGone(first);
  }

  @Test
  void whoeverGaveUpBeforeItWasReadyDoesNotKeepIt() throws Exception {
    assertInstanceOf(
        McpSession.Opened.No.class, await(mcp.open(connector(program()), Duration.ofMillis(1))));
    long first = itself(program()).path("pid").asLong();

    mcp.keepOnly(Set.of());

    awaitGone(first);
  }

  @Test
  void oneThatDoesNotStartFailsTheCallAndItsSecretStaysOne() {
    McpSession.Opened opened = await(mcp.open(connector(program("--never-starts")), PATIENT));

    Outcome why = assertInstanceOf(McpSession.Opened.No.class, opened).why();
    assertEquals("mcp-no-session", Objects.requireNonNull(why.reason()).code());
    assertFalse(why.toString().contains("s3cret"), why::toString);
  }

  @Test
  void oneThatIsNotThereFailsTheCall() {
    McpSession.Opened opened =
        await(mcp.open(connector(new Program(List.of("/nowhere/to/be/found"), Map.of())), PATIENT));

    Outcome why = assertInstanceOf(McpSession.Opened.No.class, opened).why();
    assertEquals("mcp-no-session", Objects.requireNonNull(why.reason()).code());
  }

  @Test
  void withoutItsSecretItIsNotStarted() throws Exception {
    Files.delete(folder.resolve("token"));

    McpSession.Opened opened = await(mcp.open(connector(program()), PATIENT));

    Outcome why = assertInstanceOf(McpSession.Opened.No.class, opened).why();
    assertEquals("credential-missing", Objects.requireNonNull(why.reason()).code());
  }

  @Test
  void aSecretThatWasReplacedIsUsedFromTheNextCallOn() throws Exception {
    long first = itself(program()).path("pid").asLong();
    Files.writeString(folder.resolve("token"), "another\n");

    JsonNode now = itself(program());

    assertEquals("another", now.path("environment").path("TOKEN").asText());
    awaitGone(first);
  }

  @Test
  void oneThatNoEntryNamesAnyMoreIsEnded() throws Exception {
    long pid = itself(program()).path("pid").asLong();

    mcp.keepOnly(Set.of(program("another")));

    awaitGone(pid);
  }

  @Test
  void itEndsWithUs() throws Exception {
    long pid = itself(program()).path("pid").asLong();

    mcp.close();

    awaitGone(pid);
  }

  @Test
  void whatMayNotBeginAnyMoreIsNotSent() throws Exception {
    Outcome frozen = Outcome.failed("frozen", "for the test");
    LastLook no = () -> Uni.createFrom().item(Optional.of(frozen));

    McpSession.Reply reply =
        await(session(program()).send("tools/call", params("refund"), "key", PATIENT, no));

    assertEquals("frozen", reason(reply.exchanged()));
    assertFalse(Files.exists(folder.resolve("calls")));
  }

  private Program program(String... arguments) {
    return new Program(
        OddServer.command(folder, arguments),
        Map.of(
            "TOKEN", new Value.Secret(new Credential.Source.File("token")),
            "REGION", new Value.Plain("eu")));
  }

  private static StdioConnector connector(Program program) {
    return new StdioConnector(program, "*", null, PATIENT, false, 8, null, false, Floor.NONE);
  }

  private McpSession session(Program program) {
    return assertInstanceOf(
            McpSession.Opened.Yes.class, await(mcp.open(connector(program), PATIENT)))
        .session();
  }

  private JsonNode itself(Program program) {
    return json(call(session(program), "echo", PATIENT));
  }

  private static JsonNode json(McpSession.Reply reply) {
    String text =
        reply
            .response()
            .orElseThrow()
            .json()
            .path("result")
            .path("content")
            .path(0)
            .path("text")
            .asText();
    return EventJson.readTree(text.getBytes(StandardCharsets.UTF_8));
  }

  private static McpSession.Reply call(McpSession session, String tool, Duration timeout) {
    McpSession.Reply reply = await(session.send("tools/call", params(tool), timeout));
    session.close();
    return reply;
  }

  private static ObjectNode params(String tool) {
    ObjectNode params = JsonNodeFactory.instance.objectNode().put("name", tool);
    params.putObject("arguments");
    return params;
  }

  private static String reason(Exchanged exchanged) {
    Outcome why =
        switch (exchanged) {
          case Exchanged.Not it -> it.why();
          case Exchanged.Broken it -> it.why();
          case Exchanged.Answered it -> throw new AssertionError(it);
        };
    return Objects.requireNonNull(why.reason()).code();
  }

  private static void awaitGone(long pid) throws Exception {
    Optional<ProcessHandle> left = ProcessHandle.of(pid);
    if (left.isPresent()) {
      var _ = left.get().onExit().get(PATIENT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private static <T> T await(Future<T> future) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(PATIENT.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
