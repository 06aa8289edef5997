package dev.countersign.flow;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

/// The modules as they stand in this checkout: their classes, their settings, the documents.
final class House {

  static final List<String> SERVICES =
      List.of("gateway", "policy", "ticket", "notifier", "executor", "audit");

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
    return new ClassFileImporter().importPath(classes);
  }

  static JavaClasses classesOfAll() {
    return new ClassFileImporter()
        .importPaths(
            SERVICES.stream()
                .map(each -> root().resolve(each + "-service/target/classes"))
                .toList());
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
