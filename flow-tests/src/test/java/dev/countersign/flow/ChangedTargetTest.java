package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.demo.AgentPlatform;
import dev.countersign.demo.Approver;
import dev.countersign.demo.Mailbox;
import dev.countersign.events.ActionId;
import dev.countersign.events.Topics;
import dev.countersign.flow.WholeSystem.Running;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A target that changes between the question and the effect, from the proposal on Kafka to the
/// target itself.
@ExtendWith(WholeSystem.class)
class ChangedTargetTest {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Test
  void whatChangedSincePeopleSawItIsNotTouched(Running running) throws Exception {
    Approver dave =
        new Approver(
            "dave@acme.example",
            new Mailbox(running.addresses().mail()),
            running.addresses().ticket(),
            null);
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      change(running, "sandbox", 12, 48_200);
      ActionId stale = drop(platform, "sandbox");
      URI link = dave.linkFor(stale);
      String shown = dave.look(link).document().text();
      assertTrue(
          shown.contains("How things stood when you were asked Tables 12 Rows 48200"), shown);
      change(running, "sandbox", 13, 48_200);
      dave.approve(link);

      JsonNode outcome = platform.await(Topics.EXECUTION, stale, PATIENCE);
      assertEquals("precondition-failed", outcome.path("status").asText(), outcome.toString());
      assertTrue(
          outcome.path("reason").path("text").asText().contains("Tables"), outcome.toString());
      assertEquals(0, Ended.effects(running, stale));

      ActionId anew = drop(platform, "sandbox");
      link = dave.linkFor(anew);
      assertTrue(dave.look(link).document().text().contains("Tables 13"));
      dave.approve(link);
      outcome = platform.await(Topics.EXECUTION, anew, PATIENCE);
      assertEquals("succeeded", outcome.path("status").asText(), outcome.toString());
      assertEquals(1, Ended.effects(running, anew));
    }
  }

  @Test
  void whatIsGoneIsAskedOfNobody(Running running) throws Exception {
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      send(running, "playground", HttpRequest.newBuilder().DELETE());
      ActionId id = drop(platform, "playground");
      JsonNode decision = platform.await(Topics.DECISION, id, PATIENCE);
      assertEquals("refused", decision.path("outcome").asText(), decision.toString());
      assertEquals(
          "precondition-gone", decision.path("reason").path("code").asText(), decision.toString());
    }
  }

  @Test
  void whatHasBecomeAnotherToolSinceIsNotRun(Running running) throws Exception {
    Approver alice =
        new Approver(
            "alice@acme.example",
            new Mailbox(running.addresses().mail()),
            running.addresses().ticket(),
            null);
    Path tools = running.config().resolve("tools.yaml");
    String before = Files.readString(tools);
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      ActionId id = newsletter(platform);
      URI link = alice.linkFor(id);
      Files.writeString(tools, before.replace("kind: send a newsletter", "kind: mail everybody"));
      awaitInForce(running, "mail everybody");
      // The executor asks every two seconds what tools are, and at once about one that seems to be
      // another: by one that was judged since, it knows.
      ActionId since = newsletter(platform);
      alice.approve(alice.linkFor(since));
      assertEquals(
          "succeeded", platform.await(Topics.EXECUTION, since, PATIENCE).path("status").asText());
      alice.approve(link);

      JsonNode outcome = platform.await(Topics.EXECUTION, id, PATIENCE);
      assertEquals("refused", outcome.path("status").asText(), outcome.toString());
      assertEquals("catalogue-changed", outcome.path("reason").path("code").asText());
      assertEquals(0, Ended.effects(running, id));
    } finally {
      Files.writeString(tools, before);
      awaitInForce(running, "send a newsletter");
    }
  }

  private static ActionId newsletter(AgentPlatform platform) {
    return proposed(
        platform,
        "crm",
        "send_newsletter",
        JsonNodeFactory.instance.objectNode().put("list", "staff").put("subject", "Cake"));
  }

  private static ActionId proposed(
      AgentPlatform platform, String toolset, String tool, ObjectNode parameters) {
    ActionId id = new ActionId(UUID.randomUUID());
    var proposal = AgentPlatform.proposal(id, toolset, tool, parameters);
    proposal.withObject("agent").put("session", "run-" + id);
    platform.propose(id, proposal);
    return id;
  }

  private static void awaitInForce(Running running, String kind) throws Exception {
    long until = System.nanoTime() + PATIENCE.toNanos();
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpRequest page =
          HttpRequest.newBuilder(running.addresses().policy().resolve("/policy")).build();
      while (!http.send(page, HttpResponse.BodyHandlers.ofString()).body().contains(kind)) {
        assertTrue(System.nanoTime() < until, kind + " is not in force");
        LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      }
    }
  }

  private static ActionId drop(AgentPlatform platform, String database) {
    return proposed(
        platform,
        "database",
        "drop_database",
        JsonNodeFactory.instance.objectNode().put("database", database));
  }

  private static void change(Running running, String database, int tables, int rows)
      throws IOException, InterruptedException {
    send(
        running,
        database,
        HttpRequest.newBuilder()
            .PUT(
                HttpRequest.BodyPublishers.ofString(
                    "{\"tables\": %d, \"rows\": %d}".formatted(tables, rows))));
  }

  private static void send(Running running, String database, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    String credential =
        Files.readString(running.state().resolve("credentials").resolve("target")).strip();
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpResponse<Void> answer =
          http.send(
              request
                  .uri(running.addresses().target().resolve("/databases/" + database))
                  .header("authorization", "Bearer " + credential)
                  .build(),
              HttpResponse.BodyHandlers.discarding());
      assertEquals(2, answer.statusCode() / 100);
    }
  }
}
