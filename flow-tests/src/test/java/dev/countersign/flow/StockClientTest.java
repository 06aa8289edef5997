package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.demo.Json;
import dev.countersign.flow.WholeSystem.Running;
import dev.countersign.testbrowser.Programs;
import dev.countersign.tlog.KeyFile;
import dev.countersign.tlog.VerifierKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A client that knows nothing of ours, in another language: what README calls the first
/// integration.
@ExtendWith(WholeSystem.class)
class StockClientTest {

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path temporary;

  @Test
  void aPlainCloudEventOfAStockKafkaClientIsAnsweredAndExecuted(Running running) throws Exception {
    Programs.need("node");
    Programs.need("npm");
    Path folder = House.root().resolve("flow-tests/stock-client");
    assertEquals(0, run(folder, running, "npm", "ci", "--no-audit", "--no-fund"));
    assertEquals(0, run(folder, running, "node", "propose.mjs"));
  }

  @Test
  void aStockKafkaClientKeepsACopyOfTheLogAndFindsItWhole(Running running) throws Exception {
    Programs.need("node");
    Programs.need("npm");
    Path folder = House.root().resolve("flow-tests/stock-client");
    assertEquals(0, run(folder, running, "npm", "ci", "--no-audit", "--no-fund"));
    assertEquals(0, run(folder, running, "node", "propose.mjs"));
    assertEquals(0, run(folder, running, "node", "copy.mjs"));
    VerifierKey another =
        KeyFile.open(temporary.resolve("key"), "countersign.local/audit", VerifierKey.Kind.LOG)
            .key();
    assertEquals(1, run(folder, running, "env", "VKEY=" + another, "node", "copy.mjs"));
  }

  private static int run(Path folder, Running running, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(List.of(command)).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("KAFKA", running.addresses().kafka());
    builder
        .environment()
        .put("VKEY", new Json().text(running.addresses().audit().resolve("/vkey")));
    Process process = builder.start();
    System.out.print(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    return process.waitFor();
  }
}
