package dev.countersign.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/// What the system knows of a process.
final class Processes {

  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final String SINCE = "/";
  private static final Duration CLOCK_STEP = Duration.ofSeconds(5);

  private Processes() {}

  /// When it started, which with the pid names one process for ever. On Linux which boot of the
  /// machine and how many ticks after it, whatever becomes of the clock; elsewhere epoch
  /// milliseconds, 0 when unknown.
  static String startedAt(ProcessHandle process) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      // proc_pid_stat(5): the 22nd field; the name, the second, is in parentheses.
      String ticks = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19];
      return Files.readString(BOOT).strip() + SINCE + ticks;
    } catch (IOException _) {
      // It is gone, or this is no Linux.
      return Long.toString(millis(process));
    }
  }

  static String startedAt(long pid) {
    return ProcessHandle.of(pid).map(Processes::startedAt).orElse("0");
  }

  /// Whether this process began then.
  static boolean began(ProcessHandle process, String startedAt) {
    return startedAt.contains(SINCE)
        ? startedAt.equals(startedAt(process))
        : began(process, Long.parseLong(startedAt));
  }

  /// As above, by epoch milliseconds. The system counts from its own start, which moves with the
  /// clock: some seconds are no difference.
  static boolean began(ProcessHandle process, long millis) {
    return Math.abs(millis(process) - millis) <= CLOCK_STEP.toMillis();
  }

  private static long millis(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }
}
