package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.flow.WholeSystem.Running;
import dev.countersign.testbrowser.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A client that knows nothing of ours, in another language: what README calls the first
/// integration.
@ExtendWith(WholeSystem.class)
class StockClientTest {

  @Test
  void aPlainCloudEventOfAStockKafkaClientIsAnsweredAndExecuted(Running running) throws Exception {
    Programs.need("node");
    Programs.need("npm");
    Path folder = House.root().resolve("flow-tests/stock-client");
    assertEquals(0, run(folder, running, "npm", "ci", "--no-audit", "--no-fund"));
    assertEquals(0, run(folder, running, "node", "propose.mjs"));
  }

  private static int run(Path folder, Running running, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(List.of(command)).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("KAFKA", running.addresses().kafka());
    Process process = builder.start();
    System.out.print(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    return process.waitFor();
  }
}
