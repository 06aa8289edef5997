package dev.countersign.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.EventJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The processes of the running system, each with its children, as the operating system knows them.
final class Parts {

  private final Map<String, Long> pids = new LinkedHashMap<>();

  /// Asks `./countersign status` who they are.
  ///
  /// @param home the repository
  Parts(Path home) {
    pids.put("bench", ProcessHandle.current().pid());
    String said = output(List.of(home.resolve("countersign").toString(), "status", "--json"));
    for (JsonNode part : EventJson.readTree(said.getBytes(StandardCharsets.UTF_8))) {
      pids.put(part.path("name").asText(), part.path("pid").asLong());
    }
  }

  /// The processor time that each has used so far. Of children that have ended nothing is known.
  Map<String, Duration> processorTime() {
    Map<String, Duration> used = new LinkedHashMap<>();
    pids.forEach((name, pid) ->
        used.put(
            name,
            family(pid)
                .flatMap(each -> each.info().totalCpuDuration().stream())
                .reduce(Duration.ZERO, Duration::plus)));
    return used;
  }

  /// Puts into `phase` how many seconds of processor time each part has used since `before`.
  void reportProcessorTime(Map<String, Duration> before, ObjectNode phase) {
    ObjectNode seconds = phase.putObject("processorSeconds");
    processorTime()
        .forEach((name, used) ->
            seconds.put(
                name, used.minus(before.getOrDefault(name, Duration.ZERO)).toMillis() / 1000.0));
  }

  /// Puts into `phase` the resident memory of each part in MiB. What several processes share counts
  /// once (Linux: `Pss` of proc(5)); where the system doesn't tell, it counts for each.
  void reportMemory(ObjectNode phase) {
    long all = 0;
    for (var part : pids.entrySet()) {
      long kibibytes = family(part.getValue()).mapToLong(each -> resident(each.pid())).sum();
      phase.put(part.getKey(), kibibytes / 1024);
      all += kibibytes;
    }
    phase.put("all", all / 1024);
  }

  private static Stream<ProcessHandle> family(long pid) {
    return ProcessHandle.of(pid).stream()
        .flatMap(parent -> Stream.concat(Stream.of(parent), parent.descendants()));
  }

  private static long resident(long pid) {
    Path rollup = Path.of("/proc", Long.toString(pid), "smaps_rollup");
    try {
      return Files.readAllLines(rollup).stream()
          .filter(line -> line.startsWith("Pss:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (NoSuchFileException e) {
      // Not Linux, or the process ended meanwhile and has none.
      String said = output(List.of("ps", "-o", "rss=", "-p", Long.toString(pid))).strip();
      return said.isEmpty() ? 0 : Long.parseLong(said);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String output(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(new ArrayList<>(command))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
