package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.demo.AgentPlatform;
import dev.countersign.demo.Json;
import dev.countersign.demo.Timeout;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.flow.WholeSystem.Running;
import dev.countersign.verifier.Verify;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Invariant 7, with two instances that append to one log and die while they do: it stays one log,
/// and a stranger with the two public keys finds nothing wrong with it.
@ExtendWith(WholeSystem.class)
class LogFaultsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(150);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
  private static final int EACH = 40;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  @Test
  void whicheverInstanceDiesTheLogIsOneAndWhole(Running running) throws Exception {
    List<ActionId> proposed = new ArrayList<>();
    Path remembered = folder.resolve("checkpoint");
    try (AgentPlatform platform = new AgentPlatform(running.addresses().kafka())) {
      propose(platform, proposed);
      try (SecondInstance second = SecondInstance.start(running, "audit")) {
        propose(platform, proposed);
        running.system().kill("audit");
        propose(platform, proposed);
        Files.writeString(remembered, checkpoint(second.address()));
        running.system().awaitReady("audit");
        propose(platform, proposed);
        second.kill();
        propose(platform, proposed);
      }
      for (ActionId each : proposed) {
        platform.await(Topics.DECISION, each, PATIENCE);
        assertLogged(running, each);
      }
    }
    Said said = verify(running, running.addresses().audit().toString(), "--since", remembered);
    assertEquals(0, said.exit, said.text);
    assertTrue(said.text.contains("countersign.local/witness"), said.text);
  }

  private static void propose(AgentPlatform platform, List<ActionId> proposed) {
    for (int i = 0; i < EACH; i++) {
      Load.Case each = Load.deletion();
      platform.propose(each.id(), each.proposal());
      proposed.add(each.id());
    }
  }

  private static String checkpoint(URI audit) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(audit.resolve("/checkpoint")).build();
    long until = System.nanoTime() + PATIENCE.toNanos();
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      while (true) {
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() == 200) {
          return answer.body();
        }
        if (System.nanoTime() > until) {
          throw new Timeout("no checkpoint: " + answer.body());
        }
        LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
      }
    }
  }

  /// Its decision is in the log once, and its evidence holds against both keys.
  private void assertLogged(Running running, ActionId id) throws IOException {
    URI evidence = running.addresses().audit().resolve("/v1/evidence/" + id);
    long until = System.nanoTime() + PATIENCE.toNanos();
    Json.Answer answer = new Json().get(evidence);
    while (decisions(answer) == 0) {
      if (System.nanoTime() > until) {
        throw new Timeout("the decision is not in the log: " + id);
      }
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
      answer = new Json().get(evidence);
    }
    assertEquals(1, decisions(answer), "decisions of " + id);
    Path file = folder.resolve("evidence.json");
    Files.write(file, EventJson.write(answer.body()));
    Said said = verify(running, file.toString());
    assertEquals(0, said.exit, said.text);
  }

  private static long decisions(Json.Answer evidence) {
    return evidence
        .body()
        .path("entries")
        .valueStream()
        .filter(entry -> entry.path("topic").asText().equals(Topics.DECISION))
        .count();
  }

  private record Said(int exit, String text) {}

  /// What the command says, by the keys in the folders of those who hold them.
  private Said verify(Running running, String what, Object... more) {
    List<String> arguments = new ArrayList<>();
    arguments.add(what);
    for (Object each : more) {
      arguments.add(each.toString());
    }
    Map<String, Path> keys =
        Map.of(
            "--log", running.state().resolve("audit/audit/log.vkey"),
            "--witness", running.state().resolve("witness/witness/witness.vkey"),
            "--keys", running.state().resolve("ticket/ticket/jwks.json"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8)) {
      return new Said(
          Verify.run(arguments, keys, print, print), out.toString(StandardCharsets.UTF_8));
    }
  }
}
