package dev.countersign.ticket.application;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How people answered what a rule asked of them.
///
/// @param says the rule's sentence, as it was last shown
/// @param median how long half of them took from their first look, at most; absent where none
///   looked
/// @param slowest how long the slowest took
public record RuleAnswers(
    String rule,
    String says,
    int answers,
    int approvals,
    @Nullable Duration median,
    @Nullable Duration slowest) {

  private static final int ENOUGH_TO_TELL = 5;
  private static final Duration TOO_FAST_TO_READ = Duration.ofSeconds(3);

  /// Whether all approve it, and none takes the time to read what it shows.
  public boolean isWavedThrough() {
    return answers >= ENOUGH_TO_TELL
        && approvals == answers
        && slowest != null
        && slowest.compareTo(TOO_FAST_TO_READ) < 0;
  }
}
