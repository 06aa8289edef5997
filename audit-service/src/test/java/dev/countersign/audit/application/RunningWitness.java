package dev.countersign.audit.application;

import dev.countersign.launcher.FreePorts;
import dev.countersign.tlog.Note;
import dev.countersign.witness.Witness;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The witness as a process of its own, which the log's service is told of.
public final class RunningWitness implements QuarkusTestResourceLifecycleManager {

  private @Nullable Process process;

  @Override
  public Map<String, String> start() {
    try {
      Path folder = Files.createTempDirectory(Path.of("target"), "witness-").toAbsolutePath();
      Path log = folder.resolve("log");
      int port = FreePorts.one();
      ProcessBuilder builder =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "-Xmx64m",
              "-cp",
              place(Witness.class) + ":" + place(Note.class),
              Witness.class.getName());
      builder.environment().put("COUNTERSIGN_STATE", folder.toString());
      builder.environment().put("COUNTERSIGN_PORT_WITNESS", Integer.toString(port));
      builder.environment().put("COUNTERSIGN_WITNESS_LOGS", log.resolve("log.vkey").toString());
      process = builder.inheritIO().start();
      URI address = URI.create("http://127.0.0.1:" + port);
      awaitReady(address);
      return Map.of(
          "countersign.witness.url", address.toString(),
          "countersign.witness.key", folder.resolve("witness/witness.vkey").toString(),
          "countersign.log.key", log.resolve("log.key").toString(),
          "countersign.log.remembered", log.resolve("last-cosigned").toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String place(Class<?> of) {
    return Path.of(URI.create(of.getProtectionDomain().getCodeSource().getLocation().toString()))
        .toString();
  }

  private void awaitReady(URI address) throws IOException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest ready = HttpRequest.newBuilder(address.resolve("/q/health/ready")).build();
      while (!isReady(http, ready)) {
        if (process == null || !process.isAlive()) {
          throw new IOException("the witness did not start");
        }
        LockSupport.parkNanos(50_000_000);
      }
    }
  }

  private static boolean isReady(HttpClient http, HttpRequest ready) {
    try {
      return http.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      // Nobody listens yet.
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the witness was starting", e);
    }
  }

  @Override
  public void stop() {
    if (process != null) {
      process.destroyForcibly();
    }
  }
}
