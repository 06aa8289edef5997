package dev.countersign.executor.outbound;

import dev.countersign.events.Tool;
import dev.countersign.executor.OddServer;
import dev.countersign.executor.Wire;
import dev.countersign.executor.domain.Connectors;
import dev.countersign.executor.domain.Floor;
import dev.countersign.executor.domain.Offer;
import dev.countersign.executor.domain.StdioConnector;
import dev.countersign.executor.domain.StdioConnector.Program;
import io.quarkus.runtime.StartupEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is known of a server's tools is what it said last.
@SuppressWarnings("NullAway.Init") // before each
class ServerListingsTest {

  private static final String TOOLSET = "odd";
  // Longer than anybody waits here: what is listed again was asked for.
  private static final Duration EVERY = Duration.ofHours(1);

  @TempDir Path folder;
  private Gate gate;
  private StdioMcp programs;
  private ServerListings listings;

  @BeforeEach
  void open() {
    gate = Gate.of(folder);
    programs = new StdioMcp(gate.vertx, gate.credentials);
    StdioConnector server =
        new StdioConnector(
            new Program(OddServer.command(folder), Map.of()),
            Connectors.ALL,
            null,
            Duration.ofMinutes(2),
            false,
            8,
            Duration.ofHours(1),
            false,
            Floor.NONE);
    Connectors connectors = new Connectors(Map.of(new Tool(TOOLSET, Connectors.ALL), server));
    AuthorizedHttp http = gate.authorized();
    ServerSessions sessions =
        new ServerSessions(new HttpMcp(http, Duration.ZERO, () -> connectors), programs);
    listings = new ServerListings(() -> connectors, sessions, programs, gate.vertx, EVERY);
  }

  @AfterEach
  void close() {
    listings.close();
    programs.close();
    gate.close();
  }

  @Test
  void whatAServerSaysHasChangedWhileItIsListedIsListedOnceMore() throws Exception {
    Files.writeString(folder.resolve("next-description"), "Refunds, to whom it likes.");

    listings.onStart(new StartupEvent());

    Wire.await(
        "what it has become",
        () -> description().equals(Optional.of("Refunds, to whom it likes.")));
  }

  private Optional<String> description() {
    return Optional.ofNullable(listings.all().get(TOOLSET))
        .flatMap(listing -> listing.find("refund"))
        .map(Offer::description);
  }
}
