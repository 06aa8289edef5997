package dev.countersign.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// [EmbeddedKafka] in a JVM of its own, which can be stopped, killed and started again on the same
/// port and data.
public final class KafkaProcess implements AutoCloseable {

  static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          JvmPart.CHEAP_CODE,
          "-XX:+UseCompactObjectHeaders",
          "-Xmx160m",
          "-Djava.util.logging.config.class=dev.countersign.launcher.QuietLog");

  private final Path folder;
  private final int port;
  private final Consumer<String> output;
  private @Nullable Child child;

  public KafkaProcess(Path folder, int port, Consumer<String> output) {
    this.folder = folder;
    this.port = port;
    this.output = output;
  }

  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /// Starts the broker and returns when all topics can be used.
  public void start() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(KafkaProcess.class.getName());
    command.add(folder.toAbsolutePath().toString());
    command.add(Integer.toString(port));
    int health = FreePorts.one();
    command.add(Integer.toString(health));
    child = Child.start("kafka", new ProcessBuilder(command), output);
    awaitReady(child, health);
  }

  private void awaitReady(Child started, int health) {
    Instant until = Instant.now().plus(Duration.ofMinutes(5));
    while (Instant.now().isBefore(until)) {
      try (var socket = new Socket()) {
        // It listens here only when the broker and its topics stand.
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), health), 200);
        return;
      } catch (IOException _) {
        if (started.await(Duration.ofMillis(100))) {
          throw new IllegalStateException(
              "Kafka ended with exit code " + started.exitCode() + "; see its output");
        }
      }
    }
    throw new IllegalStateException("Kafka was not ready on port " + port + " within 90 s");
  }

  /// Stops it cleanly.
  public void stop() {
    if (child != null) {
      child.end(Child.Signal.TERM, Duration.ofSeconds(30));
    }
  }

  /// Kills it with SIGKILL.
  public void kill() {
    if (child != null) {
      child.end(Child.Signal.KILL, Duration.ofSeconds(10));
    }
  }

  @Override
  public void close() {
    stop();
  }

  /// The broker's process: data folder, port, port that says when it is ready, and with a proxy in
  /// front the port behind the proxy and the proxy's own.
  public static void main(String[] arguments) throws InterruptedException {
    Listeners.Proxied proxied =
        arguments.length > 3
            ? new Listeners.Proxied(Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]))
            : null;
    var listeners = new Listeners(Integer.parseInt(arguments[1]), proxied);
    EmbeddedKafka kafka = EmbeddedKafka.start(Path.of(arguments[0]), listeners);
    Runtime.getRuntime().addShutdownHook(new Thread(kafka::close, "stop"));
    LocalHttp.start(
        Integer.parseInt(arguments[2]),
        exchange -> LocalHttp.answer(exchange, 200, "text/plain; charset=utf-8", "ready\n"));
    System.out.println("listening on " + kafka.bootstrapServers());
    new CountDownLatch(1).await();
  }
}
