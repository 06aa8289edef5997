package dev.countersign.flow;

import dev.countersign.demo.Json;
import dev.countersign.demo.Timeout;
import dev.countersign.flow.WholeSystem.Running;
import dev.countersign.launcher.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Another instance of a service beside the one that the system runs, of the same group and
/// database: a process started with what the first was started with (Linux tells), but for its
/// port.
final class SecondInstance implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final String service;
  private final Process process;
  private final URI address;

  private SecondInstance(String service, Process process, URI address) {
    this.service = service;
    this.process = process;
    this.address = address;
  }

  static SecondInstance start(Running running, String service) throws IOException {
    int port = FreePorts.one();
    Path first = Path.of("/proc", Long.toString(running.system().pid(service)));
    ProcessBuilder builder = new ProcessBuilder(words(first.resolve("cmdline")));
    Map<String, String> environment = builder.environment();
    environment.clear();
    for (String each : words(first.resolve("environ"))) {
      int equals = each.indexOf('=');
      environment.put(each.substring(0, equals), each.substring(equals + 1));
    }
    environment.put("COUNTERSIGN_PORT_" + service.toUpperCase(Locale.ROOT), Integer.toString(port));
    Process process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(
                House.root()
                    .resolve(
                        "flow-tests/target/second-"
                            + service
                            + "-"
                            + ProcessHandle.current().pid()
                            + ".log")
                    .toFile())
            .start();
    SecondInstance second =
        new SecondInstance(service, process, URI.create("http://127.0.0.1:" + port));
    second.awaitReady();
    return second;
  }

  private void awaitReady() {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (!isReady()) {
      if (System.nanoTime() > until || !process.isAlive()) {
        process.destroyForcibly();
        throw new Timeout("the second " + service + " did not get ready");
      }
      LockSupport.parkNanos(100_000_000);
    }
  }

  private boolean isReady() {
    try {
      return new Json().get(address.resolve("/q/health/ready")).status() == 200;
    } catch (IllegalStateException | UncheckedIOException e) {
      // Nobody listens yet.
      return false;
    }
  }

  /// Where it answers over HTTP.
  URI address() {
    return address;
  }

  /// SIGKILL.
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /// SIGTERM: it finishes what it began.
  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new Timeout("the second " + service + " did not stop");
    }
  }

  private static List<String> words(Path file) throws IOException {
    return List.of(Files.readString(file, StandardCharsets.UTF_8).split("\0"));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
