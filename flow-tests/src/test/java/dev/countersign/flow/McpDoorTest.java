package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.demo.Approver;
import dev.countersign.demo.Mailbox;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.flow.WholeSystem.Running;
import dev.countersign.testbrowser.Programs;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The whole way of an agent that speaks MCP by a client that we did not write: from its request to
/// the one call at the target, though it dies in between.
@ExtendWith(WholeSystem.class)
class McpDoorTest {

  private static final Path CLIENTS = House.root().resolve("gateway-service/src/test/mcp-clients");
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String NEWSLETTER =
      "{\"toolset\": \"crm\", \"tool\": \"send_newsletter\","
          + " \"parameters\": {\"list\": \"staff\", \"subject\": \"Cake\"}}";

  @BeforeAll
  static void install() throws Exception {
    Programs.needPackages(CLIENTS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-07-28", "2025-11-25"})
  void anAgentThatDiedWhileItWaitedFindsWhatBecameOfItsCallAndItRanOnce(
      String revision, Running running) throws Exception {
    Approver alice =
        new Approver(
            "alice@acme.example",
            new Mailbox(running.addresses().mail()),
            running.addresses().ticket(),
            null);
    ActionId id = new ActionId(UUID.randomUUID());
    Process agent = request(running, revision, id, NEWSLETTER);
    try (BufferedReader lines = agent.inputReader(StandardCharsets.UTF_8)) {
      assertTrue(next(lines).path("tools").toString().contains("request_approval"));
      JsonNode said = next(lines);
      while (said.path("status").asText().equals("received")) {
        said = next(lines);
      }
      assertEquals("waiting", said.path("status").asText(), said.toString());
      assertEquals(id.toString(), said.path("action_id").asText());
      assertTrue(
          said.path("say_to_user").asText().contains(said.path("short_code").asText()),
          said.toString());
    } finally {
      agent.destroyForcibly().waitFor();
    }
    alice.approve(alice.linkFor(id));

    JsonNode said = last(request(running, revision, id, NEWSLETTER));
    assertTrue(
        List.of("approved", "succeeded").contains(said.path("status").asText()), said.toString());
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!said.path("status").asText().equals("succeeded")) {
      JsonNode before = said;
      assertTrue(System.nanoTime() < end, () -> "never succeeded: " + before);
      said = last(start(node(), "check.mjs", mcp(running), revision, id.toString()));
    }
    assertFalse(said.path("isError").asBoolean(true));
    assertEquals(1, Ended.effects(running, id));
  }

  @Test
  void whatPolicyDecidesIsAnsweredInTheSameCall(Running running) throws Exception {
    ActionId allowed = new ActionId(UUID.randomUUID());
    JsonNode yes =
        last(
            request(
                running,
                "2026-07-28",
                allowed,
                "{\"toolset\": \"demo\", \"tool\": \"noop\", \"parameters\": {}}"));
    assertTrue(
        List.of("approved", "succeeded").contains(yes.path("status").asText()), yes.toString());
    ActionId unlisted = new ActionId(UUID.randomUUID());
    JsonNode no =
        last(
            request(
                running,
                "2026-07-28",
                unlisted,
                "{\"toolset\": \"demo\", \"tool\": \"never-listed\", \"parameters\": {}}"));
    assertEquals("denied", no.path("status").asText(), no.toString());
    assertTrue(no.path("isError").asBoolean());
    assertEquals(0, Ended.effects(running, unlisted));
  }

  private static Process request(Running running, String revision, ActionId key, String call)
      throws IOException {
    return start(node(), "request.mjs", mcp(running), revision, key.toString(), call);
  }

  private static String mcp(Running running) {
    return running.addresses().gateway().resolve("/mcp").toString();
  }

  private static String node() {
    return CLIENTS.resolve("node_modules/node/bin/node").toString();
  }

  private static Process start(String... command) throws IOException {
    return new ProcessBuilder(List.of(command))
        .directory(CLIENTS.toFile())
        .redirectErrorStream(true)
        .start();
  }

  private static JsonNode next(BufferedReader lines) throws IOException {
    String line = lines.readLine();
    assertNotNull(line, "the client ended");
    assertTrue(line.startsWith("{"), () -> "the client failed: " + line);
    return EventJson.readTree(line.getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode last(Process process) throws Exception {
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return EventJson.readTree(said.lines().toList().getLast().getBytes(StandardCharsets.UTF_8));
  }
}
