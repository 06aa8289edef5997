package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.demo.Json;
import dev.countersign.flow.WholeSystem.Running;
import dev.countersign.testbrowser.Programs;
import dev.countersign.tlog.KeyFile;
import dev.countersign.tlog.VerifierKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A client that knows nothing of ours, in another language: what README calls the first
/// integration.
@ExtendWith(WholeSystem.class)
class StockClientTest {

  private static final Path CLIENT = House.root().resolve("flow-tests/stock-client");

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path temporary;

  @BeforeAll
  static void install() throws IOException, InterruptedException {
    Programs.needPackages(CLIENT);
  }

  @Test
  void aPlainCloudEventOfAStockKafkaClientIsAnsweredAndExecuted(Running running) throws Exception {
    assertEquals(0, run(running, "node", "propose.mjs").exit());
  }

  /// A group with another name at each start would lose what is answered while nobody reads.
  @Test
  void aPlatformGoesOnWhereItsGroupStopped(Running running) throws Exception {
    assertEquals(0, run(running, "node", "propose.mjs").exit());
    try (Admin admin =
        Admin.create(
            Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, running.addresses().kafka()))) {
      assertFalse(
          admin
              .listConsumerGroupOffsets("acme-agents")
              .partitionsToOffsetAndMetadata()
              .get()
              .isEmpty());
    }
  }

  @Test
  void aStockKafkaClientKeepsACopyOfTheLogAndFindsItWhole(Running running) throws Exception {
    assertEquals(0, run(running, "node", "propose.mjs").exit());
    assertEquals(0, run(running, "node", "copy.mjs").exit());
    VerifierKey another =
        KeyFile.open(temporary.resolve("key"), "countersign.local/audit", VerifierKey.Kind.LOG)
            .key();
    Said said = run(running, "env", "VKEY=" + another, "node", "copy.mjs");
    assertEquals(1, said.exit());
    assertTrue(said.text().contains("is not signed by the log"), said.text());
  }

  private record Said(int exit, String text) {}

  private static Said run(Running running, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(List.of(command)).directory(CLIENT.toFile()).redirectErrorStream(true);
    builder.environment().put("KAFKA", running.addresses().kafka());
    builder.environment().put("PATIENCE_SECONDS", "300");
    builder
        .environment()
        .put("VKEY", new Json().text(running.addresses().audit().resolve("/vkey")));
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    System.out.print(text);
    return new Said(process.waitFor(), text);
  }
}
