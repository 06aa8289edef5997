package dev.countersign.policy.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.policy.domain.Offered;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyFilesTest {

  @TempDir private Path folder;

  @Test
  void withoutFilesNothingIsInForceUntilTheyAreThere() throws IOException {
    PolicyFiles files = new PolicyFiles(folder, () -> Offered.NOTHING);
    try {
      files.open();
      assertTrue(files.find().isEmpty());
      assertTrue(files.problem().orElseThrow().startsWith("tools.yaml:1: the file is not there"));

      Files.copy(Path.of("../config/policy.yaml"), folder.resolve("policy.yaml"));
      Files.copy(Path.of("../config/tools.yaml"), folder.resolve("tools.yaml"));
      long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (files.find().isEmpty()) {
        assertTrue(System.nanoTime() < deadline, "did not come into force in time");
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      }
      assertEquals(19, files.find().orElseThrow().rules().size());
      assertTrue(files.problem().isEmpty());
    } finally {
      files.close();
    }
  }
}
