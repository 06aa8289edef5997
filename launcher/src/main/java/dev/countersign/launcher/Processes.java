package dev.countersign.launcher;

import java.time.Duration;
import java.time.Instant;

/// What the system knows of a process.
final class Processes {

  private static final Duration CLOCK_STEP = Duration.ofSeconds(5);

  private Processes() {}

  /// Start in epoch milliseconds, 0 when unknown: with the pid it names one process for ever.
  static long startedAt(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  /// Whether this process began then. The system counts from its own start, which moves with the
  /// clock: some seconds are no difference.
  static boolean began(ProcessHandle process, long startedAt) {
    return Math.abs(startedAt(process) - startedAt) <= CLOCK_STEP.toMillis();
  }

  static long startedAt(long pid) {
    return ProcessHandle.of(pid).map(Processes::startedAt).orElse(0L);
  }
}
