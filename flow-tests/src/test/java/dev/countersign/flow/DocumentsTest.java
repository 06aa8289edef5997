package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A control that names a test which isn't there guards nothing.
class DocumentsTest {

  private static final Pattern NAMED = Pattern.compile("`(\\w+Test)\\.(\\w+)`");

  @ParameterizedTest
  @ValueSource(strings = {"ARCHITECTURE.md", "SECURITY.md"})
  void everyTestThatADocumentNamesIsThere(String document) {
    Map<String, String> tests = tests();
    List<MatchResult> named = NAMED.matcher(House.document(document)).results().toList();
    assertTrue(named.size() > 5, "no tests were found in " + document);
    List<String> missing =
        named.stream()
            .filter(each ->
                !tests.getOrDefault(each.group(1), "").contains("void " + each.group(2) + "("))
            .map(MatchResult::group)
            .toList();
    assertEquals(List.of(), missing);
  }

  /// The source of each test class by its name.
  private static Map<String, String> tests() {
    try (Stream<Path> files = Files.walk(House.root(), 12)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith("Test.java"))
          .collect(
              Collectors.toMap(
                  file -> file.getFileName().toString().replace(".java", ""),
                  DocumentsTest::read,
                  (one, _) -> one));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
