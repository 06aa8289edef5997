package dev.countersign.witness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The program, as a process.
record RunningWitness(Process process, Http http, Queue<String> lines) {

  private static final Pattern LISTENS = Pattern.compile("listens on port ([0-9]+),");

  /// @param flags for the JVM
  static RunningWitness start(Path state, String logs, String... flags) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Stream.of(
                    List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()),
                    List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"),
                    List.of(flags),
                    List.of("-cp", System.getProperty("java.class.path"), Witness.class.getName()))
                .flatMap(List::stream)
                .toList());
    builder
        .environment()
        .putAll(
            Map.of(
                "COUNTERSIGN_STATE",
                state.toString(),
                "COUNTERSIGN_WITNESS_LOGS",
                logs,
                "COUNTERSIGN_PORT_WITNESS",
                "0"));
    Process process = builder.redirectErrorStream(true).start();
    Queue<String> lines = new ConcurrentLinkedQueue<>();
    BufferedReader output = process.inputReader(UTF_8);
    String line;
    while ((line = output.readLine()) != null) {
      lines.add(line);
      Matcher listens = LISTENS.matcher(line);
      if (listens.find()) {
        Thread.ofVirtual().start(() -> read(output, lines));
        return new RunningWitness(process, new Http(Integer.parseInt(listens.group(1))), lines);
      }
    }
    throw new IOException("the witness ended: " + lines);
  }

  private static void read(BufferedReader output, Queue<String> lines) {
    try {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      lines.add("(killed: " + e.getMessage() + ")");
    }
  }

  /// SIGKILL.
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /// SIGTERM.
  ///
  /// @return its exit code
  int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("it did not stop: " + lines);
    }
    return process.exitValue();
  }
}
