package dev.countersign.ticket.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The message bundles of all pages.
class WordsTest {

  private static final Pattern PARAMETER = Pattern.compile("\\{([a-z]\\w*)}");
  private static final Pattern ELEMENT = Pattern.compile("<[a-zA-Z/]");

  @Test
  void whatIsSaidInEnglishIsSaidInEveryLanguage() throws IOException {
    for (Class<?> bundle : bundles()) {
      for (Locale language : Pages.LANGUAGES.subList(1, Pages.LANGUAGES.size())) {
        Properties words = words(bundle, language);
        assertEquals(
            Arrays.stream(bundle.getDeclaredMethods())
                .filter(each -> each.isAnnotationPresent(Message.class))
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new)),
            new TreeSet<>(words.stringPropertyNames()),
            bundle + " " + language);
        for (Method each : bundle.getDeclaredMethods()) {
          if (each.isAnnotationPresent(Message.class)) {
            assertEquals(
                parameters(each.getAnnotation(Message.class).value()),
                parameters(words.getProperty(each.getName())),
                bundle + " " + each.getName());
          }
        }
      }
    }
  }

  @Test
  void noWordIsMarkup() throws IOException {
    for (Class<?> bundle : bundles()) {
      for (Method each : bundle.getDeclaredMethods()) {
        if (each.isAnnotationPresent(Message.class)) {
          assertFalse(ELEMENT.matcher(each.getAnnotation(Message.class).value()).find());
        }
      }
    }
  }

  private static Set<String> parameters(String message) {
    return PARAMETER
        .matcher(message)
        .results()
        .map((MatchResult each) -> each.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Properties words(Class<?> bundle, Locale language) throws IOException {
    String name =
        "/messages/"
            + bundle.getAnnotation(MessageBundle.class).value()
            + "_"
            + language
            + ".properties";
    Properties words = new Properties();
    try (InputStream file = WordsTest.class.getResourceAsStream(name)) {
      assertNotNull(file, name + " is missing");
      words.load(new InputStreamReader(file, StandardCharsets.UTF_8));
    }
    return words;
  }

  /// Every bundle of the service, by the names of the compiled classes.
  private static List<Class<?>> bundles() throws IOException {
    Path classes = Path.of("target/classes");
    try (Stream<Path> files = Files.walk(classes)) {
      List<Class<?>> bundles =
          files
              .filter(each -> each.toString().endsWith("Words.class"))
              .map(each -> classes.relativize(each).toString())
              .map(each -> each.replace(".class", "").replace('/', '.'))
              .<Class<?>>map(WordsTest::load)
              .filter(each -> each.isAnnotationPresent(MessageBundle.class))
              .toList();
      assertFalse(bundles.isEmpty());
      return bundles;
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }
}
