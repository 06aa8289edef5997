package dev.countersign.executor;

import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.testservers.Servers;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A whole MCP server behind the gate: a program, whose tools are held against what was accepted.
@QuarkusTest
@WithTestResource(value = Servers.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = Outside.class, scope = TestResourceScope.GLOBAL)
@SuppressWarnings("NullAway.Init") // before each
class GatedCallTest {

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String bootstrapServers;

  @ConfigProperty(name = "test.odd")
  Path folder;

  private Wire wire;

  @BeforeEach
  void open() {
    wire = new Wire(bootstrapServers);
  }

  @AfterEach
  void close() throws Exception {
    wire.close();
    Files.deleteIfExists(folder.resolve("description"));
    awaitPin(OddServer.ACCEPTED);
  }

  @Test
  void whatIsAsItWasAcceptedIsCalledOnceAndItsAnswerIsKept() throws Exception {
    awaitPin(OddServer.ACCEPTED);
    long before = calls();
    ActionId id = new ActionId(UUID.randomUUID());

    JsonNode execution = run(id, "refund");

    assertEquals("succeeded", execution.path("status").asText(), execution::toString);
    assertEquals(before + 1, calls());
    RestAssured.given()
        .get("/v1/executions/" + id + "/response")
        .then()
        .statusCode(200)
        .body("content[0].text", equalTo("refunded"));
  }

  @Test
  void whatSaysSomethingElseByThenIsNotCalled() throws Exception {
    awaitPin(OddServer.ACCEPTED);
    long before = calls();
    Files.writeString(folder.resolve("description"), "Refunds, to whom it likes.");
    awaitPin("Refunds, to whom it likes.");

    JsonNode execution = run(new ActionId(UUID.randomUUID()), "refund");

    assertEquals("refused", execution.path("status").asText(), execution::toString);
    assertEquals("tool-drifted", execution.path("reason").path("code").asText());
    assertEquals(before, calls());
  }

  @Test
  void whatIsNotThereAnyMoreIsNotCalled() throws Exception {
    JsonNode execution = run(new ActionId(UUID.randomUUID()), "gone");

    assertEquals("refused", execution.path("status").asText(), execution::toString);
    assertEquals("tool-gone", execution.path("reason").path("code").asText());
  }

  private JsonNode run(ActionId id, String tool) throws Exception {
    Action action = ExecutorTest.action("odd/" + tool, JsonNodeFactory.instance.objectNode());
    Instant now = Instant.now();
    ObjectNode claims = GrantSigner.claims(id, action, now, now.plusSeconds(120));
    ((ObjectNode) claims.path("authorization_details").path(0))
        .put("tool_digest", Outside.GATED.value());
    ObjectNode decision = ExecutorTest.approved(id, action);
    decision.put("grant", GrantSigner.ticketService().sign(GrantSigner.header(), claims));
    wire.send(id, decision);
    return wire.execution(id);
  }

  /// Until the executor has heard of it, which asks now and then.
  private static void awaitPin(String description) {
    Wire.await(
        "the description \"" + description + "\"",
        () -> {
          JsonNode said = EventJson.readTree(RestAssured.get("/v1/servers").asByteArray());
          for (JsonNode each : said.path("servers").path("odd").path("tools")) {
            if (each.path("name").asText().equals("refund")) {
              return each.path("description").asText().equals(description);
            }
          }
          return false;
        });
  }

  private long calls() throws IOException {
    Path calls = folder.resolve("calls");
    return Files.exists(calls) ? Files.readString(calls).lines().count() : 0;
  }
}
