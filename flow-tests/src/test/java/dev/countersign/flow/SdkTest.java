package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.demo.Approver;
import dev.countersign.demo.Json;
import dev.countersign.demo.Mailbox;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.flow.WholeSystem.Running;
import dev.countersign.testbrowser.Programs;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The SDKs against everything, all three at once: what each of them does, its cases say. Here are
/// the person who answers, and the gateway that dies while all of them wait.
@ExtendWith(WholeSystem.class)
class SdkTest {

  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Path PYTHON = House.root().resolve("sdk/python");
  private static final Path TYPESCRIPT = House.root().resolve("sdk/typescript");
  private static final int LANGUAGES = 3;

  /// What a person is to do about an action.
  private record Ask(String what, ActionId id) {}

  private final BlockingQueue<Ask> asks = new LinkedBlockingQueue<>();

  @BeforeAll
  static void build() throws Exception {
    Programs.need("python3");
    Programs.needPackages(TYPESCRIPT);
    assertEquals(0, run(Map.of(), TYPESCRIPT, "npm", "run", "build"));
  }

  @Test
  void whatIsGuardedRunsOnceAndOnAProvenYesAlone(Running running) throws Exception {
    List<Callable<List<String>>> languages =
        List.of(
            () -> cases(running, PYTHON, "python3", "-W", "error", "-m", "flow.cases"),
            () -> cases(running, TYPESCRIPT, "node", "dist/flow/cases.js"),
            () ->
                new SdkCases(
                        running.addresses().gateway(), executor(running), keys(running), this::ask)
                    .runAll());
    List<String> effects = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<String>>> all = languages.stream().map(threads::submit).toList();
      answer(running, all);
      for (Future<List<String>> each : all) {
        effects.addAll(each.get());
      }
    }
    assertTrue(effects.size() > 2 * LANGUAGES, effects::toString);
    Json json = new Json();
    for (String id : effects) {
      JsonNode calls = json.get(running.addresses().target().resolve("/calls?key=" + id)).body();
      assertEquals(1, calls.size(), "effects of " + id);
    }
  }

  @Test
  void theExamplesDoWhatTheySay(Running running) throws Exception {
    String key = UUID.randomUUID().toString();
    assertEquals(0, run(addresses(running), PYTHON, "python3", "-m", "examples.five_lines", key));
    assertEquals(0, run(addresses(running), PYTHON, "python3", "-m", "examples.deploy"));
    // The same key by the same agent: it is the same deletion, in another language.
    assertEquals(
        0, run(addresses(running), TYPESCRIPT, "node", "dist/examples/five-lines.js", key));
    JsonNode calls =
        new Json().get(running.addresses().target().resolve("/calls?key=" + key)).body();
    assertEquals(1, calls.size());
  }

  /// Answers what is asked until all are through. Once every language waits with what is to outlive
  /// the gateway, the gateway is killed.
  private void answer(Running running, List<Future<List<String>>> all) throws Exception {
    List<Approver> platform =
        List.of("bob@acme.example", "dave@acme.example").stream()
            .map(each ->
                new Approver(
                    each,
                    new Mailbox(running.addresses().mail()),
                    running.addresses().ticket(),
                    null))
            .toList();
    List<Ask> afterTheKill = new ArrayList<>();
    int turn = 0;
    while (!all.stream().allMatch(Future::isDone)) {
      Ask ask = asks.poll(100, TimeUnit.MILLISECONDS);
      if (ask == null) {
        continue;
      }
      // Two people take turns: who goes fast is asked for a pause.
      Approver approver = platform.get(turn++ % platform.size());
      switch (ask.what) {
        case "approve" -> approver.approve(approver.linkFor(ask.id, PATIENCE));
        case "reject" -> approver.reject(approver.linkFor(ask.id, PATIENCE), "Not these.");
        case "approve-after-kill" -> {
          // Asked means mailed: the ticket is open, and the SDK waits.
          URI link = approver.linkFor(ask.id, PATIENCE);
          afterTheKill.add(ask);
          if (afterTheKill.size() == LANGUAGES) {
            running.system().kill("gateway");
            // While it is away.
            approver.approve(link);
            running.system().awaitReady("gateway");
            for (Ask each : afterTheKill.subList(0, LANGUAGES - 1)) {
              approver.approve(approver.linkFor(each.id, PATIENCE));
            }
          }
        }
        default -> throw new IllegalStateException("nobody knows how to " + ask.what);
      }
    }
  }

  private void ask(String what, String actionId) {
    asks.add(new Ask(what, ActionId.of(actionId)));
  }

  /// What the script says had an effect; throws where one of its cases failed.
  private List<String> cases(Running running, Path folder, String... command) throws Exception {
    Process process = start(addresses(running), folder, command);
    List<String> effects = new ArrayList<>();
    boolean ended = false;
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        System.out.println(line);
        if (!line.startsWith("{")) {
          continue;
        }
        JsonNode said = EventJson.readTree(line.getBytes(StandardCharsets.UTF_8));
        if (said.has("ask")) {
          ask(said.path("ask").asText(), said.path("actionId").asText());
        } else {
          said.path("effects").forEach(each -> effects.add(each.asText()));
          ended = true;
        }
      }
    }
    int exit = process.waitFor();
    if (exit != 0 || !ended) {
      throw new AssertionError(folder.getFileName() + " ended with " + exit + "; see its output");
    }
    return effects;
  }

  private static int run(Map<String, String> environment, Path folder, String... command)
      throws IOException, InterruptedException {
    Process process = start(environment, folder, command);
    System.out.print(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    return process.waitFor();
  }

  private static Process start(Map<String, String> environment, Path folder, String... command)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(List.of(command)).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static Map<String, String> addresses(Running running) {
    return Map.of(
        "GATEWAY", running.addresses().gateway().toString(),
        "EXECUTOR", executor(running).toString(),
        "KEYS", keys(running).toString());
  }

  private static URI executor(Running running) {
    return URI.create("http://localhost:" + running.system().port("executor"));
  }

  private static URI keys(Running running) {
    return running.addresses().ticket().resolve("/.well-known/jwks.json");
  }
}
