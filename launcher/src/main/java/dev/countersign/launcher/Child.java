package dev.countersign.launcher;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A process of ours. Its output is read to the end, line by line, and it is signalled by its pid
/// alone.
final class Child {

  /// What a process can be told.
  enum Signal {
    /// Interrupt: PostgreSQL's fast shutdown, which does not wait for its clients.
    INT,
    /// Terminate, with time to tidy up.
    TERM,
    /// Kill: no time for anything.
    KILL
  }

  private final Process process;

  private Child(Process process) {
    this.process = process;
  }

  /// Starts a process and hands each line that it writes, to either stream, to `output`.
  static Child start(String name, ProcessBuilder builder, Consumer<String> output) {
    try {
      Process process = builder.redirectErrorStream(true).start();
      process.getOutputStream().close();
      Thread.ofPlatform().name(name + "-output").daemon().start(() -> pump(process, output));
      return new Child(process);
    } catch (IOException e) {
      throw new UncheckedIOException("could not start " + name + ": " + e.getMessage(), e);
    }
  }

  private static void pump(Process process, Consumer<String> output) {
    try (var reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      reader.lines().forEach(output);
    } catch (IOException | UncheckedIOException e) {
      // The stream closes under the reader when the process is killed; what it wrote was read.
      output.accept("(end of output: " + e.getMessage() + ")");
    }
  }

  long pid() {
    return process.pid();
  }

  boolean alive() {
    return process.isAlive();
  }

  /// The exit code; only to be asked when it is no longer alive.
  int exitCode() {
    return process.exitValue();
  }

  void signal(Signal signal) {
    if (process.isAlive()) {
      signal(process.pid(), signal);
    }
  }

  /// Waits for the end, at most this long, and says whether it came.
  boolean await(Duration patience) {
    try {
      return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// Asks it to end by `signal`, and after `grace` makes it end.
  void end(Signal signal, Duration grace) {
    signal(signal);
    if (!await(grace)) {
      signal(Signal.KILL);
      await(Duration.ofSeconds(10));
    }
  }

  /// Signals one process by its pid. That it is gone already is not an error. The shell's own
  /// command (POSIX `kill`), since small images lack the program.
  static void signal(long pid, Signal signal) {
    try {
      new ProcessBuilder(
              "/bin/sh", "-c", "kill -\"$1\" \"$2\"", "kill", signal.name(), Long.toString(pid))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("could not signal process " + pid, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
