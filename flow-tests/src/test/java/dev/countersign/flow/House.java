package dev.countersign.flow;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;

/// The modules as they stand in this checkout: their classes, their settings, the documents.
final class House {

  static final List<String> SERVICES =
      List.of("gateway", "policy", "ticket", "notifier", "executor", "audit");

  /// What was read once in this JVM, by its folders.
  private static final Map<List<Path>, JavaClasses> READ = new ConcurrentHashMap<>();

  private House() {}

  static Path root() {
    // Surefire runs a module's tests in the module's folder.
    return Path.of("..").toAbsolutePath().normalize();
  }

  static JavaClasses classesOf(String module) {
    Path classes = root().resolve(module).resolve("target/classes");
    if (!Files.isDirectory(classes)) {
      throw new IllegalStateException(classes + " is missing: build the module first");
    }
    return READ.computeIfAbsent(List.of(classes), new ClassFileImporter()::importPaths);
  }

  static JavaClasses classesOfAll() {
    return READ.computeIfAbsent(
        SERVICES.stream().map(each -> root().resolve(each + "-service/target/classes")).toList(),
        new ClassFileImporter()::importPaths);
  }

  static Properties settingsOf(String service) {
    Path file = root().resolve(service + "-service/src/main/resources/application.properties");
    Properties settings = new Properties();
    try (var reader = Files.newBufferedReader(file)) {
      settings.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return settings;
  }

  static String document(String path) {
    try {
      return Files.readString(root().resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
