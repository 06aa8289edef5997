package dev.countersign.launcher;

import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The witness's process. It is told where the logs' keys are and where its own folder is, and
/// nothing of the system that it watches.
record WitnessPlan(Path home, StateFolder state, Ports ports) {

  private static final String URL = "COUNTERSIGN_WITNESS_URL";
  private static final String KEY = "COUNTERSIGN_WITNESS_KEY";

  private static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          JvmPart.CHEAP_CODE,
          "-XX:+UseCompactObjectHeaders",
          "-XX:+ExitOnOutOfMemoryError",
          "-Xmx64m");

  Path build() {
    return home.resolve("witness/target");
  }

  Path jar() {
    return build().resolve("witness.jar");
  }

  JvmPart.Plan plan(JvmPart.Rank rank, Map<String, String> environment) {
    int port = ports.of("witness");
    return new JvmPart.Plan(
        "witness",
        port,
        Part.Stage.GROUND,
        rank,
        FLAGS,
        List.of("-jar", jar().toString()),
        environment,
        URI.create("http://127.0.0.1:" + port + "/q/health/ready"),
        home);
  }

  Map<String, String> environment() {
    return Map.of(
        Ports.variable("witness"),
        Integer.toString(ports.of("witness")),
        "COUNTERSIGN_STATE",
        state.closed("witness").toString(),
        "COUNTERSIGN_WITNESS_LOGS",
        state.closed("audit").resolve("audit/log.vkey")
            + File.pathSeparator
            // For those that the operator adds.
            + state.closed("witness/logs"));
  }

  /// What the log is told: of this witness, or of the one elsewhere that the operator names.
  ///
  /// @param operators what the operator set
  Map<String, String> forTheLog(Map<String, String> operators) {
    String beside = state.closed("witness").resolve("witness/witness.vkey").toString();
    return Map.of(
        URL,
        operators.getOrDefault(URL, "http://127.0.0.1:" + ports.of("witness")),
        KEY,
        operators.getOrDefault(KEY, beside));
  }
}
