package dev.countersign.launcher;

import java.time.Duration;

/// One process of the system, as the supervisor sees it. Not thread-safe but for [#kill].
interface Part {

  String name();

  /// The port it answers on.
  int port();

  /// When it starts and stops, relative to the others.
  Stage stage();

  /// Starts the process. It may return before the process is ready.
  void start();

  /// Whether the process does its work.
  boolean ready();

  boolean alive();

  /// The process's id; it may have ended since.
  long pid();

  /// Waits for the process to end, at most this long, and says whether it has.
  boolean awaitEnd(Duration patience);

  /// Lets it end cleanly, and makes it end when it does not.
  void stop();

  /// SIGKILL.
  void kill();

  /// Whether a clean stop takes long this time, because the process writes its start-up cache.
  boolean learning();

  /// Each stage starts when the one before is ready, and stops before it.
  enum Stage {
    /// Kafka, PostgreSQL, and what services reach out to.
    GROUND,
    /// The six services.
    SERVICES
  }
}
