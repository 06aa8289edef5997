package dev.countersign.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.EventJson;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// The SDKs of other languages, by their own tests.
class LanguagesTest {

  private static final Path PYTHON = Path.of("../python");
  private static final Path TYPESCRIPT = Path.of("../typescript");

  @Test
  void pythonPassesItsTestsAndJudgesSignaturesAsTheJdkDoes() throws Exception {
    need("python3");
    Path signatures = Path.of("target/signatures.json").toAbsolutePath();
    Files.write(signatures, signatures(new Random().nextLong()));
    assertEquals(
        0,
        run(
            PYTHON,
            Map.of("COUNTERSIGN_SIGNATURES", signatures.toString()),
            "python3",
            "-W",
            "error",
            "-m",
            "unittest"));
  }

  @Test
  void typescriptPassesItsTests() throws Exception {
    need("node", "npm");
    assertEquals(0, run(TYPESCRIPT, Map.of(), "npm", "ci", "--no-audit", "--no-fund"));
    assertEquals(0, run(TYPESCRIPT, Map.of(), "npm", "run", "build"));
    assertEquals(0, run(TYPESCRIPT, Map.of(), "npm", "test"));
  }

  /// Of keys that are drawn; every other one with a bit flipped somewhere.
  private static byte[] signatures(long seed) throws Exception {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < 60; i++) {
      KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      byte[] spki = pair.getPublic().getEncoded();
      byte[] message = new byte[1 + random.nextInt(200)];
      random.nextBytes(message);
      byte[] signature = GrantVectors.sign(pair, message);
      boolean good = i % 2 == 0;
      if (!good) {
        byte[] touched = random.nextBoolean() ? message : signature;
        touched[random.nextInt(touched.length)] ^= (byte) (1 << random.nextInt(8));
      }
      all.addObject()
          .put("key", hex(Arrays.copyOfRange(spki, spki.length - 32, spki.length)))
          .put("message", hex(message))
          .put("signature", hex(signature))
          .put("good", good);
    }
    return EventJson.write(all);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /// Where one is missing a developer's test is skipped; a run of CI fails, as one that skipped it
  /// in silence would prove nothing.
  private static void need(String... programs) {
    for (String program : programs) {
      boolean there =
          Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
              .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
      if (!there) {
        String missing = program + " is not on the PATH; .ci/tools may help";
        if ("true".equals(System.getenv("CI"))) {
          Assertions.fail(missing);
        }
        Assumptions.abort(missing);
      }
    }
  }

  private static int run(Path folder, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(List.of(command)).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    System.out.print(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    return process.waitFor();
  }
}
