package dev.countersign.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperatorFileTest {

  private static final String GOOD =
      """
      name: first
      people:
        - id: alice
          age: 41
        - id: bob
      """;

  private static final String SHA256_OF_SMALL =
      "sha256:ad503afd42857e87badd6834b7fd1aa320947d06eaf2e27fd88aa17dbdf52fd9";

  @TempDir private Path folder;

  private static String name(JsonNode json) {
    String name = json.path("name").asText();
    if (name.equals("forbidden")) {
      throw new BadValue("/name", "this name is taken; choose another");
    }
    if (name.equals("second-is-bad")) {
      throw new BadValue("/people/1/id", "nobody by that name");
    }
    return name;
  }

  private Path write(String yaml) {
    try {
      return Files.writeString(folder.resolve("sample.yaml"), yaml);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private OperatorFile<String> open(String yaml) throws BadFile {
    return OperatorFile.open(write(yaml), "schema/sample.schema.json", OperatorFileTest::name);
  }

  /// Looks twice, in the place of the watch.
  private static void standsStill(OperatorFile<String> file) {
    file.close();
    boolean _ = file.takeWhatStandsStill();
    boolean _ = file.takeWhatStandsStill();
  }

  private String refusal(String yaml) {
    write(yaml);
    return assertThrows(BadFile.class, () -> open(yaml).close()).problem();
  }

  @Test
  void aGoodFileIsInForceWithTheDigestOfItsBytes() throws BadFile {
    try (OperatorFile<String> file = open("name: x\npeople: []\n")) {
      assertEquals("x", file.current());
      assertEquals(SHA256_OF_SMALL, file.version());
      assertTrue(file.problem().isEmpty());
      assertEquals("name: x\npeople: []\n", file.loaded().text());
    }
  }

  @Test
  void aValueThatTheSchemaRefusesIsNamedWithItsLine() {
    String refusal = refusal(GOOD.replace("41", "-1"));
    assertTrue(refusal.startsWith("sample.yaml:4: /people/0/age: "), refusal);
  }

  @Test
  void aMemberThatTheSchemaDoesNotKnowIsNamedWithItsLine() {
    String refusal = refusal(GOOD + "    wage: 5\n");
    assertTrue(refusal.startsWith("sample.yaml:6: /people/1: "), refusal);
    assertTrue(refusal.contains("wage"), refusal);
  }

  @Test
  void aMissingMemberIsNamedWithTheLineOfWhatItIsMissingFrom() {
    String refusal = refusal("name: x\npeople:\n  - id: a\n  - age: 3\n");
    assertTrue(refusal.startsWith("sample.yaml:4: /people/1: "), refusal);
    assertTrue(refusal.contains("id"), refusal);
  }

  @Test
  void severalProblemsAreCountedAndTheFirstIsNamed() {
    String refusal = refusal("name: ''\npeople:\n  - age: -3\n");
    assertTrue(refusal.startsWith("sample.yaml:1: /name: "), refusal);
    assertTrue(refusal.endsWith("(and 2 more)"), refusal);
  }

  @Test
  void whatTheReaderRefusesGetsItsLine() {
    assertEquals(
        "sample.yaml:1: this name is taken; choose another",
        refusal(GOOD.replace("first", "forbidden")));
    assertEquals(
        "sample.yaml:5: nobody by that name", refusal(GOOD.replace("first", "second-is-bad")));
  }

  @Test
  void aKeyThatStandsTwiceIsRefused() {
    assertEquals(
        "sample.yaml:2: \"name\" stands twice; keep one of them",
        refusal("name: a\nname: b\npeople: []\n"));
  }

  @Test
  void anchorsAliasesTagsAndSecondDocumentsAreRefused() {
    String aliases = "anchors and aliases (&, *) are not read; write the value out";
    assertEquals("sample.yaml:1: " + aliases, refusal("name: &a x\npeople: []\n"));
    assertEquals("sample.yaml:2: " + aliases, refusal("name: x\npeople: &p\n  - id: y\n"));
    assertEquals(
        "sample.yaml:1: tags (!) are not read; write the plain value",
        refusal("name: !!java.net.URL x\npeople: []\n"));
    assertTrue(
        refusal("name: x\npeople: []\n---\nname: y\n").contains("a second document begins here"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NO", "no", "Yes", "on", "OFF", "True", "FALSE", "010", "00", "0x1F", "0b11", "1_000", "+5",
        ".5", "5.", "+1e3", "1_0.5", ".inf", "-.INF", ".nan"
      })
  void whatOneReaderTakesForAnotherValueIsRefused(String value) {
    String sentence =
        " is not the same to every reader of YAML; write it in quotes, or as JSON does";
    assertEquals(
        "sample.yaml:2: \"" + value + "\"" + sentence,
        refusal("people: []\nname: " + value + "\n"));
    assertEquals(
        "sample.yaml:1: \"" + value + "\"" + sentence,
        refusal("people: [a, " + value + "]\nname: x\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'010'",
        "\"no\"",
        "1.2.3",
        "22:00",
        "2026-11-21",
        "2026-11-21T12:00:00Z",
        "PT1H",
        "y"
      })
  void whatIsTextStaysText(String value) throws BadFile {
    open("name: " + value + "\npeople: []\n").close();
  }

  @Test
  void whatIsAsJsonWritesItIsRead() throws BadFile {
    open("name: x\npeople: [{id: a, age: 41}, {\"id\": \"b\", \"age\": 4.1e1}, {id: c, age: 0}]\n")
        .close();
  }

  @Test
  void laughsDoNotMultiply() {
    StringBuilder yaml = new StringBuilder("a: &a [x]\n");
    for (char c = 'b'; c < 'z'; c++) {
      char before = (char) (c - 1);
      yaml.append(c).append(": &").append(c).append(" [");
      yaml.append(("*" + before + ",").repeat(8)).append("*").append(before).append("]\n");
    }
    assertTrue(refusal(yaml.toString()).startsWith("sample.yaml:1: anchors"));
  }

  @Test
  void whatWouldFillTheMemoryIsNotReadToItsEnd() {
    String many = "1,".repeat(200_000);
    assertTrue(refusal("name: [" + many + "]").startsWith("sample.yaml:1: too many values"));
    String few = "1,".repeat(20_000);
    assertTrue(
        refusal("x".repeat(1000) + ": [" + few + "]").startsWith("sample.yaml:1: too many values"));
  }

  @Test
  void whatIsNotYamlIsNamedWithItsLine() {
    String refusal = refusal("name: x\npeople: [\n");
    assertTrue(refusal.matches("sample\\.yaml:[23]: not YAML: .*"), refusal);
    assertFalse(refusal.contains("\n"), refusal);
    // The parser's own number format exception.
    refusal = refusal("name: \"\\UFFFFFFFF\"\npeople: []\n");
    assertTrue(refusal.startsWith("sample.yaml:1: "), refusal);
  }

  @Test
  void deepLargeEmptyAndNonUtf8FilesAreRefused() throws IOException {
    assertTrue(refusal("name: " + "[".repeat(20_000)).startsWith("sample.yaml:1: "));
    assertTrue(refusal("#" + "x".repeat(YamlReader.MAX_BYTES)).contains("larger than"));
    assertEquals("sample.yaml:1: the file is empty", refusal(""));
    Path latin = Files.write(folder.resolve("latin.yaml"), new byte[] {'n', ':', ' ', (byte) 0xe4});
    BadFile bad =
        assertThrows(
            BadFile.class,
            () -> OperatorFile.open(latin, "schema/sample.schema.json", j -> j).close());
    assertEquals("latin.yaml:1: the file is not UTF-8; save it as UTF-8", bad.problem());
  }

  @Test
  void aMissingFileAtTheStartThrows() {
    BadFile bad =
        assertThrows(
            BadFile.class,
            () ->
                OperatorFile.open(folder.resolve("none.yaml"), "schema/sample.schema.json", j -> j)
                    .close());
    assertTrue(bad.problem().startsWith("none.yaml:1: the file is not there"), bad.problem());
  }

  @Test
  void changedContentComesIntoForceByItself() throws Exception {
    try (OperatorFile<String> file = open(GOOD)) {
      BlockingQueue<String> changes = new LinkedBlockingQueue<>();
      file.onChange(changes::add);
      write(GOOD.replace("first", "second"));
      assertEquals("second", changes.poll(30, TimeUnit.SECONDS));
      assertEquals("second", file.current());
    }
  }

  @Test
  void whatIsStillBeingWrittenIsNeitherInForceNorRefused() throws IOException, BadFile {
    OperatorFile<String> file = open(GOOD);
    file.close();
    // The test looks in the place of the watch that it ended.
    for (String half : List.of("", "name: ", GOOD.replace("first", "half"))) {
      write(half);
      assertFalse(file.takeWhatStandsStill());
    }
    Files.delete(folder.resolve("sample.yaml"));
    assertFalse(file.takeWhatStandsStill());
    write(GOOD.replace("first", "whole"));
    assertFalse(file.takeWhatStandsStill());
    assertEquals("first", file.current());
    assertTrue(file.problem().isEmpty());

    assertTrue(file.takeWhatStandsStill());
    assertEquals("whole", file.current());

    write("");
    assertFalse(file.takeWhatStandsStill());
    assertFalse(file.takeWhatStandsStill());
    assertEquals("whole", file.current());
    assertEquals("sample.yaml:1: the file is empty", file.problem().orElseThrow());
  }

  @Test
  void aBadChangeKeepsTheLastGoodAndSaysWhyUntilItIsMended() throws BadFile {
    try (OperatorFile<String> file = open(GOOD)) {
      List<String> changes = new ArrayList<>();
      file.onChange(changes::add);
      String version = file.version();

      write("name: [");
      standsStill(file);
      assertEquals("first", file.current());
      assertEquals(version, file.version());
      assertTrue(file.problem().orElseThrow().contains("not YAML"));

      write(GOOD.replace("first", "forbidden"));
      standsStill(file);
      assertEquals("first", file.current());
      assertTrue(file.problem().orElseThrow().contains("taken"));

      write(GOOD);
      standsStill(file);
      assertTrue(file.problem().isEmpty());
      assertEquals("first", file.current());
      assertEquals(List.of("first"), changes);
    }
  }

  @Test
  void aFileThatVanishesKeepsTheLastGood() throws IOException, BadFile {
    try (OperatorFile<String> file = open(GOOD)) {
      Files.delete(folder.resolve("sample.yaml"));
      standsStill(file);
      assertEquals("first", file.current());
      assertTrue(file.problem().orElseThrow().contains("not there"));
      write(GOOD);
      standsStill(file);
      assertTrue(file.problem().isEmpty());
    }
  }

  @Test
  void aSymlinkThatIsTurnedToAnotherFolderIsFollowed() throws IOException, BadFile {
    Path one = Files.createDirectory(folder.resolve("one"));
    Path two = Files.createDirectory(folder.resolve("two"));
    Files.writeString(one.resolve("sample.yaml"), GOOD);
    Files.writeString(two.resolve("sample.yaml"), GOOD.replace("first", "second"));
    Path data = Files.createSymbolicLink(folder.resolve("data"), one);
    Path link =
        Files.createSymbolicLink(folder.resolve("sample.yaml"), Path.of("data/sample.yaml"));
    try (OperatorFile<String> file =
        OperatorFile.open(link, "schema/sample.schema.json", OperatorFileTest::name)) {
      Files.delete(data);
      Files.createSymbolicLink(data, two);
      standsStill(file);
      assertEquals("second", file.current());
    }
  }

  @Test
  void aListenerThatFailsDoesNotEndTheWatch() throws Exception {
    try (OperatorFile<String> file = open(GOOD)) {
      BlockingQueue<String> changes = new LinkedBlockingQueue<>();
      file.onChange(value -> {
        changes.add(value);
        if (value.equals("third")) {
          throw new StackOverflowError("as the test wants");
        }
        throw new IllegalStateException("listener failed, as the test wants");
      });
      write(GOOD.replace("first", "second"));
      assertEquals("second", changes.poll(30, TimeUnit.SECONDS));
      write(GOOD.replace("first", "third"));
      assertEquals("third", changes.poll(30, TimeUnit.SECONDS));
      write(GOOD.replace("first", "fourth"));
      assertEquals("fourth", changes.poll(30, TimeUnit.SECONDS));
    }
  }
}
