package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.events.Execution.Status;
import dev.countersign.events.Tool;
import dev.countersign.executor.OddServer;
import dev.countersign.executor.application.Begun;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.Approvers;
import dev.countersign.executor.domain.Connectors;
import dev.countersign.executor.domain.Floor;
import dev.countersign.executor.domain.Offer;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.Promised;
import dev.countersign.executor.domain.Reading;
import dev.countersign.executor.domain.StdioConnector;
import dev.countersign.executor.domain.StdioConnector.Program;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A tool is held against what was accepted of it in the moment of its call.
@SuppressWarnings("NullAway.Init") // before each
class PinnedToolTest {

  private static final Duration PATIENT = Duration.ofMinutes(2);
  private static final Promised BY_PEOPLE = new Promised(Map.of());

  @TempDir Path folder;
  private Vertx vertx;
  private StdioMcp programs;
  private McpEffects effects;
  private StdioConnector server;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
    Credentials credentials = new Credentials(folder, Optional::empty);
    programs = new StdioMcp(vertx, credentials);
    server =
        new StdioConnector(
            new Program(OddServer.command(folder), Map.of()),
            Connectors.ALL,
            null,
            PATIENT,
            false,
            8,
            Duration.ofHours(1),
            false,
            Floor.NONE);
    Connectors connectors = new Connectors(Map.of(new Tool("odd", Connectors.ALL), server));
    AuthorizedHttp http =
        new AuthorizedHttp(
            vertx,
            new GuardedHttp(vertx, new HttpClients(vertx, credentials)),
            credentials,
            new AccessTokens(
                vertx, new GuardedHttp(vertx, new HttpClients(vertx, credentials)), credentials));
    ServerSessions sessions =
        new ServerSessions(new HttpMcp(http, Duration.ZERO, () -> connectors), programs);
    effects =
        new McpEffects(
            sessions,
            new ServerListings(() -> connectors, sessions, programs, vertx, PATIENT),
            new StillSo((_, _, _) -> Uni.createFrom().item(Reading.NOTHING)));
  }

  @AfterEach
  void close() throws Exception {
    programs.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(1, TimeUnit.MINUTES);
  }

  @Test
  void whatPeopleApprovedIsHeldAgainstWhatTheServerSaysInThatMoment() throws Exception {
    assertEquals(Status.SUCCEEDED, run("refund", "Refunds.", BY_PEOPLE).status());
    Files.writeString(folder.resolve("description"), "Refunds, to whom it likes.");

    Outcome outcome = run("refund", "Refunds.", BY_PEOPLE);

    assertEquals(Status.REFUSED, outcome.status());
    assertEquals("tool-drifted", code(outcome));
    assertEquals(1, Files.readString(folder.resolve("calls")).lines().count());
    assertEquals(Status.SUCCEEDED, run("refund", "Refunds, to whom it likes.", BY_PEOPLE).status());
  }

  @Test
  void whatWasJudgedAMomentAgoIsHeldAgainstTheLastListAndANewOneWhereThatSaysOtherwise()
      throws Exception {
    Files.writeString(folder.resolve("description"), "Something else.");
    assertEquals("tool-drifted", code(run("refund", "Refunds.", null)));
    Files.writeString(folder.resolve("description"), "Refunds.");

    assertEquals(Status.SUCCEEDED, run("refund", "Refunds.", null).status());
  }

  @Test
  void whatIsNotListedIsNotCalled() throws Exception {
    Outcome outcome = run("die", "It is not in the list.", null);

    assertEquals(Status.REFUSED, outcome.status());
    assertEquals("tool-gone", code(outcome));
  }

  @Test
  void whatIsNotPinnedIsCalledAsItIs() throws Exception {
    assertEquals(Status.SUCCEEDED, run("refund", null, null).status());
    assertFalse(Files.exists(folder.resolve("description")));
  }

  @Test
  void theToolHasItsWholeTimeHoweverLongWhatCameBeforeTook() throws Exception {
    // It is started by now.
    assertEquals(Status.SUCCEEDED, run("refund", "Refunds.", BY_PEOPLE).status());

    Outcome outcome = run("hang", "Never answers.", BY_PEOPLE, Duration.ofSeconds(5));

    assertEquals("timeout", code(outcome));
    assertTrue(outcome.toString().contains("did not answer within PT5S."), outcome::toString);
  }

  @Test
  void itsProgramEndsWhenItIsToAndEveryCallIsOver() throws Exception {
    McpSession session =
        assertInstanceOf(
                McpSession.Opened.Yes.class,
                programs
                    .open(server, PATIENT)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(2, TimeUnit.MINUTES))
            .session();
    ProcessHandle program =
        ProcessHandle.current()
            .children()
            .filter(each -> each.info().commandLine().orElse("").contains(folder.toString()))
            .findAny()
            .orElseThrow();
    assertEquals(Status.SUCCEEDED, run("refund", "Refunds.", BY_PEOPLE).status());
    assertEquals("tool-drifted", code(run("refund", "Something else.", BY_PEOPLE)));

    programs.keepOnly(Set.of());
    session.close();

    var _ = program.onExit().get(2, TimeUnit.MINUTES);
  }

  /// @param accepted the description that was; null where nothing was
  private Outcome run(String tool, @Nullable String accepted, @Nullable Promised promised)
      throws Exception {
    return run(tool, accepted, promised, PATIENT);
  }

  private Outcome run(
      String tool, @Nullable String accepted, @Nullable Promised promised, Duration timeout)
      throws Exception {
    StdioConnector connector =
        new StdioConnector(
            server.program(),
            tool,
            null,
            timeout,
            false,
            8,
            Duration.ofHours(1),
            false,
            Floor.NONE);
    Digest pin = accepted == null ? null : Offer.of(OddServer.tool(tool, accepted)).pin();
    Begun begun =
        new Begun(
            new ActionId(UUID.randomUUID()),
            new Tool("odd", tool),
            1,
            JsonNodeFactory.instance.objectNode(),
            null,
            PATIENT,
            null,
            pin,
            Approvers.NONE,
            promised,
            null);
    return effects
        .perform(begun, connector, LastLook.NONE)
        .subscribeAsCompletionStage()
        .get(2, TimeUnit.MINUTES);
  }

  private static String code(Outcome outcome) {
    return Objects.requireNonNull(outcome.reason(), outcome::toString).code();
  }
}
