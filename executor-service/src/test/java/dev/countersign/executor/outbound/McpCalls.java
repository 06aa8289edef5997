package dev.countersign.executor.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.events.Execution.Status;
import dev.countersign.events.Tool;
import dev.countersign.executor.OddServer;
import dev.countersign.executor.Wire;
import dev.countersign.executor.application.Begun;
import dev.countersign.executor.application.LastLook;
import dev.countersign.executor.domain.Approvers;
import dev.countersign.executor.domain.Connectors;
import dev.countersign.executor.domain.Credential;
import dev.countersign.executor.domain.Floor;
import dev.countersign.executor.domain.HeadersTemplate;
import dev.countersign.executor.domain.McpConnector;
import dev.countersign.executor.domain.Offer;
import dev.countersign.executor.domain.Outcome;
import dev.countersign.executor.domain.Promised;
import dev.countersign.executor.domain.Reading;
import dev.countersign.executor.domain.Template;
import dev.countersign.executor.domain.UrlTemplate;
import dev.countersign.messaging.Trace;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Calls of the one tool of a {@link SessionsServer}, as the executor makes them.
final class McpCalls implements AutoCloseable {

  static final String TOOLSET = "crm";
  static final Duration LONGEST = Duration.ofSeconds(30);
  static final Duration PATIENT = Duration.ofSeconds(30);

  final AtomicLong clock = new AtomicLong();
  final SessionsServer server = new SessionsServer();
  final ReadySessions ready = new ReadySessions(LONGEST, clock::get);
  final HttpMcp mcp;
  McpConnector connector;
  final ServerListings listings;
  private final Path folder;
  private volatile boolean isTakenOut;
  private final Gate gate;
  private final StdioMcp programs;
  private final McpEffects effects;

  /// @param folder of credentials
  McpCalls(Path folder) throws IOException {
    this.folder = folder;
    gate = Gate.of(folder);
    AuthorizedHttp http = gate.authorized();
    mcp = new HttpMcp(http, ready, this::connectors);
    programs = new StdioMcp(gate.vertx, gate.credentials);
    ServerSessions sessions = new ServerSessions(mcp, programs);
    listings = new ServerListings(this::connectors, sessions, programs, gate.vertx, PATIENT);
    effects =
        new McpEffects(
            sessions, listings, new StillSo((_, _, _) -> Uni.createFrom().item(Reading.NOTHING)));
    connector = connector("", Map.of(), PATIENT);
    credential("first");
  }

  @Override
  public void close() {
    programs.close();
    gate.close();
    server.close();
  }

  private Connectors connectors() {
    return new Connectors(
        isTakenOut ? Map.of() : Map.of(new Tool(TOOLSET, Connectors.ALL), connector));
  }

  /// One as the operator would write it.
  ///
  /// @param more of the URL, after its path
  McpConnector connector(String more, Map<String, Template> headers, Duration timeout) {
    return new McpConnector(
        UrlTemplate.of(server.url() + more),
        new HeadersTemplate(headers),
        "refund",
        null,
        Gate.reach(
            new Credential.Secret(
                new Credential.Source.File("target"), new Credential.Presentation.Bearer()),
            "localhost"),
        timeout,
        false,
        64,
        List.of(),
        null,
        false,
        Floor.NONE);
  }

  /// As if the operator had taken the entry out of `connectors.yaml`.
  void takeOut() {
    isTakenOut = true;
  }

  /// The connector's credential is this from now on.
  void credential(String secret) {
    try {
      Files.writeString(folder.resolve("target"), secret);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// One that nobody approved and that is held against nothing.
  Outcome run() throws Exception {
    return run(begun(), LastLook.NONE);
  }

  Outcome run(Begun begun, LastLook look) throws Exception {
    return start(begun, look).get(2, TimeUnit.MINUTES);
  }

  /// One that succeeds, and until the next one's session is open.
  void prime() throws Exception {
    assertEquals(Status.SUCCEEDED, run().status());
    awaitReady(1);
  }

  /// Until so many sessions are ready, and none is open besides.
  void awaitReady(int sessions) throws InterruptedException {
    // The server has answered before we have read it.
    Wire.await("sessions ahead", () -> ready.count(connector.named("")) == sessions);
    server.awaitOpen(server.keepsSessions() ? sessions : 0);
  }

  private CompletableFuture<Outcome> start(Begun begun, LastLook look) {
    return effects.perform(begun, connector, look).subscribeAsCompletionStage();
  }

  /// So many at once, all of which succeed.
  void together(int calls) throws Exception {
    List<CompletableFuture<Outcome>> started = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      started.add(start(begun(), LastLook.NONE));
    }
    for (CompletableFuture<Outcome> each : started) {
      assertEquals(Status.SUCCEEDED, each.get(2, TimeUnit.MINUTES).status());
    }
  }

  /// One that people approved, of the tool as it is at first.
  static Begun approved() {
    return begun(Offer.of(OddServer.tool("refund", "Refunds.")).pin(), new Promised(Map.of()));
  }

  static Begun begun() {
    return begun(null, null);
  }

  private static Begun begun(@Nullable Digest pin, @Nullable Promised promised) {
    return new Begun(
        new ActionId(UUID.randomUUID()),
        new Tool(TOOLSET, "refund"),
        1,
        JsonNodeFactory.instance.objectNode().put("customer", "C-1"),
        null,
        PATIENT,
        null,
        pin,
        Approvers.NONE,
        promised,
        Trace.orNew(null));
  }

  static @Nullable String code(Outcome outcome) {
    return outcome.reason() == null ? null : outcome.reason().code();
  }
}
