package dev.countersign.launcher;

import java.time.Instant;

/// What the system knows of a process.
final class Processes {

  private Processes() {}

  /// Start in epoch milliseconds, 0 when unknown: with the pid it names one process for ever.
  static long startedAt(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  static long startedAt(long pid) {
    return ProcessHandle.of(pid).map(Processes::startedAt).orElse(0L);
  }
}
