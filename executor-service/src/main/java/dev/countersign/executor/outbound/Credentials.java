package dev.countersign.executor.outbound;

import dev.countersign.executor.domain.Credential;
import dev.countersign.executor.domain.HttpConnector;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// Reads secrets where the operator keeps them, at each use: a secret that was replaced is used at
/// once, and none lies about in memory or in a log. It may block.
@ApplicationScoped
class Credentials {

  private static final int LARGEST = 16 * 1024;

  private final Path folder;
  private final Map<String, String> environment = System.getenv();

  @Inject
  Credentials(@ConfigProperty(name = "countersign.credentials") Path folder) {
    this.folder = folder;
  }

  /// The secret, empty where there is none that could be sent in a header.
  Optional<String> find(Credential credential) {
    Optional<String> secret =
        switch (credential.source()) {
          case Credential.Source.Environment it -> Optional.ofNullable(environment.get(it.name()));
          case Credential.Source.File it -> read(folder.resolve(it.name()));
        };
    return secret.map(String::strip).filter(it -> !it.isEmpty() && HttpConnector.isFieldValue(it));
  }

  /// The text of a file in the folder of credentials; empty where it can't be read.
  Optional<String> findFile(String name) {
    return read(folder.resolve(name));
  }

  private static Optional<String> read(Path file) {
    try {
      return Files.size(file) > LARGEST ? Optional.empty() : Optional.of(Files.readString(file));
    } catch (IOException e) {
      // Absent or unreadable: the execution fails for want of it and says so, without the path.
      return Optional.empty();
    }
  }
}
