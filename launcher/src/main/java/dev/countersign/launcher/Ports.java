package dev.countersign.launcher;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The port of each server on loopback: the contract's, or what `COUNTERSIGN_PORT_<NAME>` says.
public final class Ports {

  private static final String PREFIX = "COUNTERSIGN_PORT_";

  private static final Map<String, Integer> CONTRACT = new LinkedHashMap<>();

  static {
    CONTRACT.put("gateway", 8080);
    CONTRACT.put("policy", 8081);
    CONTRACT.put("ticket", 8082);
    CONTRACT.put("notifier", 8083);
    CONTRACT.put("executor", 8084);
    CONTRACT.put("audit", 8085);
    CONTRACT.put("witness", 8086);
    CONTRACT.put("mail", 8025);
    CONTRACT.put("smtp", 1025);
    CONTRACT.put("target", 8090);
    CONTRACT.put("kafka", 9092);
    CONTRACT.put("postgres", 5433);
  }

  private final Map<String, Integer> ports;

  private Ports(Map<String, Integer> ports) {
    this.ports = ports;
  }

  /// Those of this environment.
  static Ports of(Map<String, String> environment) {
    Map<String, Integer> ports = new LinkedHashMap<>();
    Map<Integer, String> users = new HashMap<>();
    CONTRACT.forEach((name, otherwise) -> {
      int port = port(environment, name, otherwise);
      String other = users.putIfAbsent(port, name);
      if (other != null) {
        throw new StartRefused(
            "%d is the port of %s and of %s; set %s or %s to another"
                .formatted(port, other, name, variable(other), variable(name)));
      }
      ports.put(name, port);
    });
    return new Ports(ports);
  }

  /// Free ports for all, as an environment that moves them there: for tests beside a running
  /// system.
  public static Map<String, String> shifted() {
    Map<String, String> environment = new LinkedHashMap<>();
    CONTRACT
        .keySet()
        .forEach(name -> environment.put(variable(name), Integer.toString(FreePorts.one())));
    return environment;
  }

  /// The port of `gateway`, `policy`, `ticket`, `notifier`, `executor`, `audit`, `witness`, `mail`,
  /// `smtp`, `target`, `kafka` or `postgres`.
  public int of(String name) {
    Integer port = ports.get(name);
    if (port == null) {
      throw new IllegalArgumentException("nothing is called " + name + " here; " + ports.keySet());
    }
    return port;
  }

  /// The environment that tells every process where all the others are.
  Map<String, String> environment() {
    Map<String, String> environment = new LinkedHashMap<>();
    ports.forEach((name, port) -> environment.put(variable(name), Integer.toString(port)));
    return environment;
  }

  /// Refuses to start on ports that somebody else uses, and names them all at once.
  void requireFree() {
    List<String> taken = new ArrayList<>();
    ports.forEach((name, port) -> {
      if (!FreePorts.isFree(port)) {
        taken.add("  %d (%s): set %s to another port".formatted(port, name, variable(name)));
      }
    });
    if (!taken.isEmpty()) {
      throw new StartRefused(
          "these ports are taken by another program:\n" + String.join("\n", taken));
    }
  }

  private static int port(Map<String, String> environment, String name, int otherwise) {
    String variable = variable(name);
    String text = environment.get(variable);
    if (text == null || text.isBlank()) {
      return otherwise;
    }
    try {
      int port = Integer.parseInt(text.strip());
      if (port >= 1 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException _) {
      // Said below, together with what is out of range.
    }
    throw new StartRefused(
        "%s is \"%s\"; set it to a port from 1 to 65535, or leave it out for %d"
            .formatted(variable, text, otherwise));
  }

  static String variable(String name) {
    return PREFIX + name.toUpperCase(Locale.ROOT);
  }
}
