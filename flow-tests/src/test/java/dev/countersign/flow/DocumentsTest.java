package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A control that names a test which isn't there guards nothing; a code that nobody is told helps
/// nobody.
class DocumentsTest {

  private static final String WORD = "[a-z]+";
  private static final String WORDS = "[a-z]+(?:-[a-z0-9]+)+";

  /// How a reason stands in our sources: a code and a sentence, a code of several words among other
  /// arguments, one that is refused or denied for, one that SQL chooses, and a constant.
  private static final List<Pattern> CODES =
      List.of(
          Pattern.compile(
              "\"(%s|%s)\",\\s*(?:\\w+ \\+ )?\\(?\"[^\"\n]* [^\"\n]*\"".formatted(WORDS, WORD)),
          Pattern.compile("(?<!with\\()(?<!put\\()(?<!name\\()\"(%s)\",".formatted(WORDS)),
          Pattern.compile("(?:refused|denied)\\(\\s*\"(%s)\"".formatted(WORD)),
          Pattern.compile("(?:then|else) '(%s)'".formatted(WORDS)),
          Pattern.compile("static final String \\w+ =\\s*\"(%s)\"".formatted(WORDS)));

  private static final Pattern CONSTANT =
      Pattern.compile("static final String \\w+ =\\s*\"(%s)\"".formatted(WORD));

  /// What looks like one and is none that a platform hears.
  private static final Set<String> OTHERS =
      Set.of(
          // headers, and members of others' formats
          "accept",
          "authorization",
          "cache-control",
          "content-length",
          "content-type",
          "idempotency-key",
          "message",
          "public-key",
          "transfer-encoding",
          // names of ours
          "countersign",
          "executor",
          "keys-password",
          "last-readings",
          // what a verdict or a policy says, and how it stands with a tool
          "allow",
          "approval-required",
          "ask",
          "drifted",
          "gone",
          "not-pinned",
          "schema-unreadable",
          "unseen",
          // of `oversight`
          "agent-budget",
          "not-expected",
          "weekly-budget",
          // of `notification`
          "answered-first",
          "too-late",
          // to whoever redeems, over HTTP
          "not-written-down",
          "too-few",
          // the executor's own: it becomes approvals-unproven
          "grant-unproven");

  private static final Pattern CODE = Pattern.compile("`([a-z0-9-]+)`");
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

  @Test
  void everyReasonCodeIsToldToPlatformsAndNoOther() {
    Set<String> told =
        House.document("docs/reasons.md")
            .lines()
            .filter(line -> line.startsWith("| `"))
            .flatMap(line -> CODE.matcher(line.split("\\|")[1]).results())
            .map(found -> found.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> used = new TreeSet<>();
    for (String module :
        List.of(
            "events",
            "messaging",
            "verifier",
            "policy-service",
            "ticket-service",
            "notifier-service",
            "executor-service")) {
      Path sources = House.root().resolve(module).resolve("src/main/java");
      try (Stream<Path> files = Files.walk(sources)) {
        files
            .filter(DocumentsTest::mayHaveReasons)
            .map(DocumentsTest::read)
            .forEach(source -> {
              // What HTTP answers has codes of its own.
              if (!source.contains("import jakarta.ws.rs")) {
                used.addAll(codes(source));
              }
            });
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    used.removeAll(OTHERS);
    assertEquals(String.join("\n", used), String.join("\n", told));
  }

  private static boolean mayHaveReasons(Path file) {
    return file.toString().endsWith(".java") && !file.endsWith("Topics.java");
  }

  private static Set<String> codes(String source) {
    String code = source.replaceAll("(?m)^\\s*//.*$", "");
    Set<String> found = new TreeSet<>();
    Stream<Pattern> patterns =
        code.contains("Reason(")
            ? Stream.concat(CODES.stream(), Stream.of(CONSTANT))
            : CODES.stream();
    patterns
        .flatMap(each -> each.matcher(code).results())
        .forEach(each -> found.add(each.group(1)));
    return found;
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
