package dev.countersign.executor.outbound;

import dev.countersign.executor.domain.Credential;
import dev.countersign.executor.domain.HeadersTemplate;
import io.quarkus.credentials.CredentialsProvider;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// Reads secrets where the operator keeps them, at each use: a secret that was replaced is used at
/// once, and none lies about in memory or in a log. It may block.
@ApplicationScoped
class Credentials {

  private static final Logger LOG = Logger.getLogger(Credentials.class);
  private static final int LARGEST = 256 * 1024;

  private final Path folder;
  private final Supplier<Optional<CredentialsProvider>> provider;
  private final Map<String, String> environment = System.getenv();

  @Inject
  Credentials(
      @ConfigProperty(name = "countersign.credentials") Path folder,
      @Any Instance<CredentialsProvider> providers) {
    this(folder, () -> providers.isResolvable() ? Optional.of(providers.get()) : Optional.empty());
  }

  Credentials(Path folder, Supplier<Optional<CredentialsProvider>> provider) {
    this.folder = folder;
    this.provider = provider;
  }

  /// The secret, empty where there is none that could be sent in a header.
  Optional<String> find(Credential.Source source) {
    Optional<String> secret =
        switch (source) {
          case Credential.Source.Environment it -> Optional.ofNullable(environment.get(it.name()));
          case Credential.Source.File it -> findFile(it.name());
          case Credential.Source.Provided it -> provided(it);
        };
    return secret
        .map(String::strip)
        .filter(it -> !it.isEmpty() && HeadersTemplate.isFieldValue(it));
  }

  /// The text of a file in the folder of credentials; empty where it can't be read.
  Optional<String> findFile(String name) {
    return findBytes(name).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  /// The content of a file in the folder of credentials; empty where it can't be read.
  Optional<byte[]> findBytes(String name) {
    Path file = folder.resolve(name);
    try {
      return Files.size(file) > LARGEST ? Optional.empty() : Optional.of(Files.readAllBytes(file));
    } catch (IOException e) {
      // Absent or unreadable: the execution fails for want of it and says so, without the path.
      return Optional.empty();
    }
  }

  private Optional<String> provided(Credential.Source.Provided source) {
    Optional<CredentialsProvider> known = provider.get();
    if (known.isEmpty()) {
      LOG.errorf("A credential needs one credentials provider name=%s", source.name());
      return Optional.empty();
    }
    try {
      Map<String, String> found = known.get().getCredentials(source.name());
      return Optional.ofNullable(found).map(it -> it.get(source.key()));
    } catch (RuntimeException e) {
      // Its own text may quote what it was asked with.
      LOG.errorf(
          "The credentials provider failed name=%s cause=%s",
          source.name(), e.getClass().getName());
      return Optional.empty();
    }
  }
}
