package dev.countersign.gateway.inbound.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Decision;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.gateway.Samples;
import dev.countersign.testservers.Servers;
import dev.countersign.testservers.Wire;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients and a conformance suite that we did not write, against the running door.
@NullMarked
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
class StockClientsTest {

  private static final Path EXPECTED = Path.of("src/test/mcp-clients/expected-failures.yaml");

  /// Checks in which the suite gives a stream about a second: how fast this machine is, is no rule.
  /// McpProtocolTest tries the same without a clock.
  private static final Set<String> TIMED =
      Set.of(
          "sep-2575-http-server-no-independent-requests-on-stream",
          "sep-2575-server-no-log-without-loglevel",
          "sep-2575-server-sends-subscription-ack",
          "sep-2575-server-tags-subscription-id",
          "sep-2575-server-honors-notification-filter",
          "sep-2575-server-sends-tools-list-changed-on-subscription");

  @TestHTTPResource("/mcp")
  URI mcp = URI.create("/");

  @SuppressWarnings("NullAway.Init") // injected
  Wire wire;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path results;

  /// What this agent proposes, as its client names it.
  private static Samples sample() throws Exception {
    ActionId id = new ActionId(UUID.randomUUID());
    String json = Samples.json(id, "250.00").replace("billing-bot", "mcp:stock-client");
    return new Samples(id, ActionProposed.read(json.getBytes(UTF_8)));
  }

  private static JsonNode next(BufferedReader lines) throws IOException {
    String line = lines.readLine();
    assertNotNull(line, "the client ended");
    assertTrue(line.startsWith("{"), () -> "the client failed: " + line);
    return EventJson.readTree(line.getBytes(UTF_8));
  }

  private static JsonNode last(Process process) throws Exception {
    JsonNode last = EventJson.readTree("{}".getBytes(UTF_8));
    BufferedReader lines = Npm.lines(process);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String said = line;
      assertTrue(said.startsWith("{"), () -> "the client failed: " + said);
      last = EventJson.readTree(said.getBytes(UTF_8));
    }
    assertEquals(0, process.waitFor());
    return last;
  }

  private static BufferedReader untilWaiting(Process process) throws IOException {
    BufferedReader lines = Npm.lines(process);
    assertTrue(next(lines).path("tools").toString().contains("request_approval"));
    JsonNode said = next(lines);
    while (said.path("status").asText().equals("received")) {
      said = next(lines);
    }
    assertEquals("waiting", said.path("status").asText(), said.toString());
    assertTrue(said.path("say_to_user").asText().startsWith("Waiting for 2 of finance"));
    return lines;
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-07-28", "2025-11-25"})
  void anAgentThatIsKilledWhileItWaitsFindsTheAnswerByIdAndByKey(String revision) throws Exception {
    Npm.install();
    Samples sample = sample();
    wire.publish(sample.ticketOpened());
    Process agent = Npm.node("request.mjs", mcp.toString(), revision, sample.actionId().toString());
    try (BufferedReader _ = untilWaiting(agent)) {
      wire.about(sample.actionId(), Topics.ACTION_PROPOSED, 1);
    } finally {
      agent.destroyForcibly().waitFor();
    }
    // Nobody listens any more, and that takes nothing back.
    wire.publish(sample.decision(Decision.Outcome.APPROVED));

    Process again = Npm.node("request.mjs", mcp.toString(), revision, sample.actionId().toString());
    JsonNode byKey = last(again);
    assertEquals("approved", byKey.path("status").asText(), byKey.toString());
    assertEquals("a.signed.grant", byKey.path("grant").asText());
    JsonNode byId =
        last(Npm.node("check.mjs", mcp.toString(), revision, sample.actionId().toString()));
    assertEquals("approved", byId.path("status").asText(), byId.toString());
    assertFalse(byId.path("isError").asBoolean(true));
    assertEquals(1, wire.about(sample.actionId(), Topics.ACTION_PROPOSED, 1).size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-07-28", "2025-11-25"})
  void anAgentThatWaitsIsToldNoAsAResultAndNotAsAFailure(String revision) throws Exception {
    Npm.install();
    Samples sample = sample();
    wire.publish(sample.ticketOpened());
    Process agent = Npm.node("request.mjs", mcp.toString(), revision, sample.actionId().toString());
    try (BufferedReader lines = untilWaiting(agent)) {
      wire.publish(sample.decision(Decision.Outcome.REJECTED));
      JsonNode said = next(lines);
      assertEquals("rejected", said.path("status").asText(), said.toString());
      assertTrue(said.path("isError").asBoolean());
      assertEquals("not today, ask tomorrow", said.path("reason").path("text").asText());
    }
    assertEquals(0, agent.waitFor());
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-07-28", "2025-11-25"})
  void theConformanceSuiteFindsNothingThatWeDoNotSayOurselves(String revision) throws Exception {
    Npm.install();
    Process suite =
        suite(
            "--requirements",
            revision,
            "--expected-failures",
            EXPECTED.toAbsolutePath().toString());
    String said = new String(suite.getInputStream().readAllBytes(), UTF_8);
    System.out.println(said);
    assertEquals(0, suite.waitFor(), said);
  }

  /// The suite lets nobody say that a scenario fails in some of its checks, so this looks at each.
  @Test
  void ofTheRulesForAStatelessServerOnlyThoseForOneThatAsksItsClientAreLeftOut() throws Exception {
    Npm.install();
    Process suite = suite("--scenario", "server-stateless", "--spec-version", "2026-07-28");
    String said = new String(suite.getInputStream().readAllBytes(), UTF_8);
    suite.waitFor();
    Set<String> failed = new TreeSet<>();
    Set<String> passed = new TreeSet<>();
    for (JsonNode each : checks()) {
      String id = each.path("id").asText();
      switch (each.path("status").asText()) {
        case "SUCCESS" -> passed.add(id);
        case "FAILURE", "WARNING" -> failed.add(id);
        default -> System.out.println("not applicable: " + each);
      }
    }
    failed.removeAll(TIMED);
    assertEquals(
        Set.of(
            "sep-2575-missing-capability-http-400",
            "sep-2575-server-rejects-undeclared-capability"),
        failed,
        said);
    assertTrue(passed.size() > 15, () -> "too few were tried: " + passed);
  }

  @Test
  void headersAreHeldAgainstTheBodyAsTheSuiteWantsIt() throws Exception {
    Npm.install();
    Process suite = suite("--scenario", "http-header-validation", "--spec-version", "2026-07-28");
    String said = new String(suite.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, suite.waitFor(), said);
  }

  private Process suite(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "node_modules/@modelcontextprotocol/conformance/dist/index.js",
                "server",
                "--url",
                mcp.toString(),
                "--output-dir",
                results.toString(),
                "--timeout",
                "300000"));
    command.addAll(List.of(arguments));
    return Npm.node(command.toArray(String[]::new));
  }

  private JsonNode checks() throws IOException {
    try (Stream<Path> files = Files.walk(results)) {
      Path checks = files.filter(it -> it.endsWith("checks.json")).findFirst().orElseThrow();
      return EventJson.readTree(Files.readAllBytes(checks));
    }
  }

  @Test
  void theListOfWhatWeDoNotPassGivesAReasonForEach() throws IOException {
    // A scenario that stands there without a sentence before it would be a gap that nobody
    // explained.
    boolean explained = false;
    for (String line : Files.readAllLines(EXPECTED)) {
      explained = line.strip().startsWith("#") || (explained && line.strip().startsWith("- "));
      assertTrue(explained || line.startsWith("server:"), () -> "no reason for " + line);
    }
  }
}
