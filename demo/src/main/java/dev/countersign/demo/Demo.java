package dev.countersign.demo;

import dev.countersign.launcher.LocalSystem;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// `./countersign demo`: plays the {@link Scenario} on a system that runs already, or on one that
/// it starts and stops. Exit code 0 when every claim held, 1 otherwise.
public final class Demo {

  private static final Logger KAFKA = Logger.getLogger("org.apache.kafka");

  private Demo() {}

  public static void main(String[] arguments) {
    KAFKA.setLevel(Level.WARNING);
    Map<String, String> environment = System.getenv();
    Addresses addresses = Addresses.of(environment);
    Consumer<String> lines = System.out::println;
    int exit;
    try (LocalSystem _ = startUnlessItRuns(addresses, environment);
        Scenario scenario =
            new Scenario(
                addresses,
                new FrontDoor(home(environment), environment),
                new Pocket(state(environment).resolve("demo")),
                lines)) {
      exit = report(scenario.play());
    } catch (RuntimeException e) {
      System.err.println("countersign: the demo stopped: " + e.getMessage());
      System.err.println("countersign: the logs of all processes are in .countersign/logs");
      exit = 1;
    }
    System.exit(exit);
  }

  private static @Nullable LocalSystem startUnlessItRuns(
      Addresses addresses, Map<String, String> environment) {
    if (isReady(addresses.gateway())) {
      System.out.println("Playing on the system that runs here.");
      return null;
    }
    System.out.println(
        "Starting Kafka, PostgreSQL, a mail sink, a target and the six services; their logs are in"
            + " .countersign/logs.");
    long start = System.nanoTime();
    LocalSystem system =
        LocalSystem.start(home(environment), state(environment), environment, _ -> {});
    System.out.printf(
        "Ready after %d s.%n", Duration.ofNanos(System.nanoTime() - start).toSeconds());
    return system;
  }

  private static Path home(Map<String, String> environment) {
    return Path.of(environment.getOrDefault("COUNTERSIGN_HOME", "")).toAbsolutePath();
  }

  private static Path state(Map<String, String> environment) {
    return home(environment).resolve(environment.getOrDefault("COUNTERSIGN_STATE", ".countersign"));
  }

  private static boolean isReady(URI gateway) {
    try {
      return new Json().get(gateway.resolve("/q/health/ready")).status() == 200;
    } catch (IllegalStateException | IllegalArgumentException e) {
      // Nobody answers there, or somebody who speaks something else.
      return false;
    }
  }

  private static int report(List<String> broken) {
    System.out.println();
    if (broken.isEmpty()) {
      System.out.println("Every claim above was checked from outside, and holds.");
      return 0;
    }
    broken.forEach(claim -> System.out.println("NOT SO: " + claim));
    return 1;
  }
}
