package dev.countersign.witness;

import java.io.File;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What the operator of the witness says, by environment.
///
/// @param folder its key and what it has seen; nobody else's
/// @param name under which it signs; to change it is to become another witness
/// @param logs files and folders with the public keys of the logs that it cosigns for
record Settings(InetSocketAddress address, Path folder, String name, List<Path> logs) {

  Settings {
    logs = List.copyOf(logs);
  }

  /// Throws `IllegalArgumentException` with a sentence where something is missing or wrong.
  static Settings of(Map<String, String> environment) {
    String host = environment.getOrDefault("COUNTERSIGN_HOST", "127.0.0.1");
    String port = environment.getOrDefault("COUNTERSIGN_PORT_WITNESS", "8086");
    if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
      throw new IllegalArgumentException("COUNTERSIGN_PORT_WITNESS is a port, 8086 if left out");
    }
    String state = needed(environment, "COUNTERSIGN_STATE", "the witness's own folder");
    String logs =
        needed(
            environment,
            "COUNTERSIGN_WITNESS_LOGS",
            "files or folders with the logs' verifier keys, with "
                + File.pathSeparator
                + " between them");
    return new Settings(
        new InetSocketAddress(host, Integer.parseInt(port)),
        Path.of(state).toAbsolutePath().normalize().resolve("witness"),
        environment.getOrDefault("COUNTERSIGN_WITNESS_NAME", "countersign.local/witness"),
        Stream.of(logs.split(File.pathSeparator, -1))
            .filter(each -> !each.isBlank())
            .map(each -> Path.of(each))
            .toList());
  }

  private static String needed(Map<String, String> environment, String name, String what) {
    String value = environment.getOrDefault(name, "");
    if (value.isBlank()) {
      throw new IllegalArgumentException("set " + name + ": " + what);
    }
    return value;
  }
}
