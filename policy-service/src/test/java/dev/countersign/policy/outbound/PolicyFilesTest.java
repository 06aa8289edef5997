package dev.countersign.policy.outbound;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.config.OperatorFile;
import dev.countersign.events.Digest;
import dev.countersign.policy.domain.Offered;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
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

      copy();
      await(() -> files.find().isPresent());
      assertEquals(19, files.find().orElseThrow().rules().size());
      assertTrue(files.problem().isEmpty());
    } finally {
      files.close();
    }
  }

  /// A tool is opened and its guard forbids what it must not do; the guard is mistyped first.
  @Test
  void halfOfAChangeIsNotInForce() throws Exception {
    copy();
    PolicyFiles files = new PolicyFiles(folder, () -> Offered.NOTHING);
    try (OperatorFile<JsonNode> watched =
        OperatorFile.open(folder.resolve("tools.yaml"), ToolsYaml.SCHEMA, it -> it)) {
      files.open();
      Set<Digest> inForce = new LinkedHashSet<>();
      Supplier<Digest> version = () -> files.find().orElseThrow().version();
      Digest before = version.get();
      String rules = Files.readString(folder.resolve("policy.yaml"));

      Files.writeString(folder.resolve("policy.yaml"), rules + "\nrules: [");
      await(() -> files.problem().isPresent());
      String tools = watched.version();
      Files.writeString(folder.resolve("tools.yaml"), "\n# opened\n", StandardOpenOption.APPEND);
      await(() -> {
        inForce.add(version.get());
        return !watched.version().equals(tools);
      });
      Files.writeString(folder.resolve("policy.yaml"), rules + "\n# guarded\n");
      await(() -> {
        inForce.add(version.get());
        return inForce.size() > 1;
      });

      String both =
          watched.version() + "\n" + Digest.of((rules + "\n# guarded\n").getBytes(UTF_8)) + "\n";
      assertEquals(Set.of(before, Digest.of(both.getBytes(UTF_8))), inForce);
      assertTrue(files.problem().isEmpty());
    } finally {
      files.close();
    }
  }

  @Test
  void afterABadStartWhatIsStillBeingWrittenIsNotInForce() throws IOException {
    PolicyFiles files = new PolicyFiles(folder, () -> Offered.NOTHING);
    try {
      assertFalse(files.tryOpen());
      copy();
      Path policy = folder.resolve("policy.yaml");
      String whole = Files.readString(policy);
      for (String written :
          List.of(whole.substring(0, whole.lastIndexOf("  - id:")), "rules: [", whole)) {
        Files.writeString(policy, written);
        assertFalse(files.tryOpen());
        assertTrue(files.find().isEmpty());
      }
      assertTrue(files.tryOpen());
      assertEquals(19, files.find().orElseThrow().rules().size());
    } finally {
      files.close();
    }
  }

  /// YAML has numbers that no digest has.
  @Test
  void anExampleOutOfBoundsIsReportedAndEndsNothing() throws IOException {
    copy();
    Path policy = folder.resolve("policy.yaml");
    Files.writeString(
        policy,
        """
          - id: huge
            says: Huge.
            tools: [demo/noop]
            then: allow
            examples:
              - {given: {tool: demo/noop, parameters: {n: 1.0e+400}}, expected: allow}
        """,
        StandardOpenOption.APPEND);
    PolicyFiles files = new PolicyFiles(folder, () -> Offered.NOTHING);
    try {
      files.open();
      assertTrue(files.find().isEmpty());
      assertTrue(
          files.problem().orElseThrow().endsWith("number too large; send it as a string"),
          files.problem()::orElseThrow);
    } finally {
      files.close();
    }
  }

  private void copy() throws IOException {
    for (String each : List.of("policy.yaml", "tools.yaml")) {
      Files.copy(Path.of("../config").resolve(each), folder.resolve(each));
    }
  }

  private static void await(BooleanSupplier fits) {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!fits.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "did not come into force in time");
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }
}
