package dev.countersign.testservers;

import dev.countersign.launcher.DatabaseRoles;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;

/// Starts a real broker with all topics and a real database with all roles, and tells Quarkus where
/// they are: containers where a Docker engine is up, embedded ones elsewhere. A test's field of
/// type [Wire] gets the one that all tests share.
public final class Servers implements QuarkusTestResourceLifecycleManager {

  /// The password of every role; the servers listen on loopback and live as long as the test run.
  public static final String PASSWORD = "countersign-test";

  private @Nullable Pair servers;
  private @Nullable Path folder;
  private @Nullable Wire wire;

  @Override
  public Map<String, String> start() {
    Path fresh = temporaryFolder();
    folder = fresh;
    Map<String, String> passwords =
        DatabaseRoles.LOGINS.stream().collect(Collectors.toMap(role -> role, role -> PASSWORD));
    Pair started =
        DockerClientFactory.instance().isDockerAvailable()
            ? ContainerServers.start(passwords)
            : LocalServers.start(fresh, passwords);
    servers = started;
    Map<String, String> config = new HashMap<>();
    config.put("kafka.bootstrap.servers", started.bootstrapServers());
    config.put("countersign.db", started.database());
    config.put("countersign.db.password", PASSWORD);
    config.put("countersign.db.migrator.password", PASSWORD);
    config.put("countersign.state", fresh.resolve("state").toString());
    config.put("quarkus.http.test-port", "0");
    // A test that plays with epochs must not have its service stop under it.
    config.put("countersign.epoch.watch", "PT24H");
    wire = new Wire(started.bootstrapServers());
    return config;
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(wire, new TestInjector.MatchesType(Wire.class));
  }

  @Override
  public void stop() {
    if (wire != null) {
      wire.close();
    }
    if (servers != null) {
      servers.close();
    }
    if (folder != null) {
      deleteTree(folder);
    }
  }

  /// A broker and a database that run.
  interface Pair extends AutoCloseable {
    String bootstrapServers();

    /// `host:port/database`.
    String database();

    @Override
    void close();
  }

  private static Path temporaryFolder() {
    try {
      Path folder = Files.createTempDirectory("countersign-test-");
      Files.createDirectory(folder.resolve("state"));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary folder for the test servers", e);
    }
  }

  private static void deleteTree(Path root) {
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the test servers' folder could not be removed", e);
    }
  }
}
