package dev.countersign.flow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import dev.countersign.flow.WholeSystem.Running;
import dev.countersign.testbrowser.Programs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A host with the official MCP client, see `stock-agent/agent.mjs`: it has our URL, and knows
/// nothing else of ours.
final class StockAgent {

  static final Path FOLDER = House.root().resolve("flow-tests/stock-agent");
  static final Path MODULES = FOLDER.resolve("node_modules/@modelcontextprotocol");

  private final Running running;

  /// With its packages, from the registry where they are not there yet.
  StockAgent(Running running) throws IOException, InterruptedException {
    Programs.needPackages(FOLDER);
    this.running = running;
  }

  /// The tools that it is shown.
  JsonNode tools() {
    return run("list");
  }

  /// The tool of this name; missing where it is not shown.
  JsonNode tool(String name) {
    for (JsonNode each : tools()) {
      if (each.path("name").asText().equals(name)) {
        return each;
      }
    }
    return tools().path("none");
  }

  /// Calls a tool, waits for people where it must, and returns its result.
  JsonNode call(String name, JsonNode arguments) {
    return run("call", name, arguments.toString());
  }

  CompletableFuture<JsonNode> calling(String name, JsonNode arguments) {
    CompletableFuture<JsonNode> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            result.complete(call(name, arguments));
          } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  JsonNode run(String... words) {
    List<String> command = new ArrayList<>(List.of("node", "agent.mjs"));
    command.addAll(List.of(words));
    try {
      ProcessBuilder builder = new ProcessBuilder(command).directory(FOLDER.toFile());
      builder.environment().put("GATEWAY", running.addresses().gateway().toString());
      Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
      String said;
      try (InputStream out = process.getInputStream()) {
        said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      }
      if (process.waitFor() != 0) {
        throw new AssertionError("agent.mjs " + List.of(words) + " ended badly: " + said);
      }
      return EventJson.readTree(said.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
