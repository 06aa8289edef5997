package dev.countersign.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WitnessPlanTest {

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  private WitnessPlan plan() {
    return new WitnessPlan(folder, new StateFolder(folder), Ports.of(Map.of()));
  }

  @Test
  void theWitnessIsToldNothingOfWhatItWatchesButItsKey() {
    Map<String, String> told = plan().environment();
    assertEquals(
        Set.of("COUNTERSIGN_PORT_WITNESS", "COUNTERSIGN_STATE", "COUNTERSIGN_WITNESS_LOGS"),
        told.keySet());
    assertEquals(folder.resolve("witness").toString(), told.get("COUNTERSIGN_STATE"));
    assertEquals(
        folder.resolve("audit/audit/log.vkey") + ":" + folder.resolve("witness/logs"),
        told.get("COUNTERSIGN_WITNESS_LOGS"));
    assertTrue(Files.isDirectory(folder.resolve("witness/logs")), "for the operator to use");
  }

  @Test
  void theLogAsksTheWitnessBesideItOrTheOneThatTheOperatorNames() {
    assertEquals(
        Map.of(
            "COUNTERSIGN_WITNESS_URL",
            "http://127.0.0.1:8086",
            "COUNTERSIGN_WITNESS_KEY",
            folder.resolve("witness/witness/witness.vkey").toString()),
        plan().forTheLog(Map.of()));
    Map<String, String> elsewhere =
        Map.of(
            "COUNTERSIGN_WITNESS_URL", "https://witness.acme.example",
            "COUNTERSIGN_WITNESS_KEY", "/etc/countersign/witness.vkey");
    assertEquals(elsewhere, plan().forTheLog(elsewhere));
  }
}
