package dev.countersign.executor.application;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;

/// What other systems had said before this process started, and nobody has read yet. Until it is
/// read, nobody says of their commands that how they ended is not known.
@ApplicationScoped
public class UnreadReplies {

  // Brokers that stay away must not leave an action without its answer.
  private static final Duration LONGEST = Duration.ofMinutes(2);

  private final long since = System.nanoTime();
  private volatile boolean read;

  /// Whether there may be some.
  public boolean mayBe() {
    return !read && System.nanoTime() - since < LONGEST.toNanos();
  }

  /// All of it is written down.
  public void areRead() {
    read = true;
  }
}
