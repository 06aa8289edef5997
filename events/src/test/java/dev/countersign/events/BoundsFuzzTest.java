package dev.countersign.events;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Whatever a stranger sends is either within the bounds or refused with a code. A failure prints
/// the seed; `-Dfuzz.seed=…` repeats it.
class BoundsFuzzTest {

  private static final int ROUNDS = 30_000;
  private static final Set<String> CODES =
      Set.of(
          "too-large",
          "not-utf8",
          "not-json",
          "too-deep",
          "number",
          "surrogate",
          "duplicate-key",
          "shape");

  private static final List<String> TOKENS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\"",
          "\\",
          "\\u",
          "\\ud83d",
          "\\udc00",
          "null",
          "true",
          "NaN",
          "-",
          "-0",
          "0",
          "00",
          "1e400",
          "1e-400",
          "1E99999999999",
          "1e-99999999999",
          "10e2147483647",
          "0e999999999",
          "0.1e-2147483648",
          "9007199254740993",
          "1.0000000000000001",
          "\"actionId\":",
          "\"\":",
          "\u0000",
          "\uFEFF",
          "//",
          "/*",
          "'",
          "[[[[[[[[[[[[[[[[",
          "{\"a\":",
          "\"P-1D\"",
          "\"PT0S\"",
          "{}",
          "\"018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d\"");

  @Test
  void whateverComesIsTakenOrRefusedWithACode() throws IOException {
    long first = Long.getLong("fuzz.seed", new Random().nextLong());
    List<byte[]> corpus;
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/golden"))) {
      corpus = files.sorted().map(BoundsFuzzTest::bytes).toList();
    }
    int taken = 0;
    for (long seed = first; seed < first + ROUNDS; seed++) {
      Random random = new Random(seed);
      byte[] input = input(random, corpus);
      try {
        taken += taken(input) ? 1 : 0;
      } catch (RuntimeException | StackOverflowError | AssertionError e) {
        throw new AssertionError(
            "-Dfuzz.seed=" + seed + " input " + HexFormat.of().formatHex(input), e);
      }
    }
    // A fuzz that never gets through the door tests the door only.
    assertTrue(taken > 100, "only " + taken + " of " + ROUNDS + " were taken; seed " + first);
  }

  private static boolean taken(byte[] input) {
    ActionProposed.findActionId(input);
    try {
      Bounds.check(input);
      byte[] canonical = Canonical.bytes(EventJson.readTree(input));
      assertArrayEquals(canonical, Canonical.bytes(EventJson.readTree(canonical)));
    } catch (Bounds.OutOfBounds refused) {
      assertTrue(CODES.contains(refused.code()), refused.code());
      return false;
    }
    try {
      ActionProposed proposal = ActionProposed.read(input);
      ActionProposed again = EventJson.read(EventJson.write(proposal), ActionProposed.class);
      assertEquals(proposal.digest(), again.digest());
    } catch (Bounds.OutOfBounds refused) {
      assertEquals("shape", refused.code());
    }
    return true;
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] input(Random random, List<byte[]> corpus) {
    if (random.nextInt(10) == 0) {
      byte[] noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      return noise;
    }
    byte[] json = corpus.get(random.nextInt(corpus.size()));
    for (int i = random.nextInt(4); i > 0; i--) {
      json = mutate(random, json, corpus);
    }
    return json;
  }

  private static byte[] mutate(Random random, byte[] json, List<byte[]> corpus) {
    int at = random.nextInt(json.length + 1);
    int to = Math.min(json.length, at + random.nextInt(20));
    return switch (random.nextInt(6)) {
      case 0 -> splice(json, at, to, new byte[0]);
      case 1 -> splice(json, at, at, token(random));
      case 2 -> splice(json, at, to, token(random));
      case 3 ->
          splice(json, at, Math.min(json.length, at + 1), new byte[] {(byte) random.nextInt()});
      case 4 -> value(random, json);
      default -> splice(json, at, at, corpus.get(random.nextInt(corpus.size())));
    };
  }

  /// A token in the place of a value, so that what comes out is often JSON still.
  private static byte[] value(Random random, byte[] json) {
    String text = new String(json, StandardCharsets.ISO_8859_1);
    int colon = text.indexOf(": ", random.nextInt(text.length() + 1));
    int end = colon < 0 ? -1 : text.indexOf('\n', colon);
    return end < 0
        ? json
        : splice(json, colon + 2, text.charAt(end - 1) == ',' ? end - 1 : end, token(random));
  }

  private static byte[] token(Random random) {
    return TOKENS.get(random.nextInt(TOKENS.size())).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] splice(byte[] json, int from, int to, byte[] with) {
    byte[] out = Arrays.copyOf(json, from + with.length + json.length - to);
    System.arraycopy(with, 0, out, from, with.length);
    System.arraycopy(json, to, out, from + with.length, json.length - to);
    return out;
  }
}
