package dev.countersign.notifier.domain;

import dev.countersign.events.Requirement;
import dev.countersign.events.Seats;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Whom a question lets sleep, and how long.
///
/// Whoever would rather not be disturbed is left in peace while those who are awake could fill
/// every seat: until their quiet hours end, or until the first step of the ladder, which says that
/// it has waited long enough. Where it takes somebody who sleeps, all are asked at once: nobody's
/// rest is worth an answer that can't come.
public final class QuietHours {

  // After a step of the ladder: whoever is asked only then is not to hear at once that it still
  // waits. Longer than a step waits to be taken.
  private static final Duration AFTER_STEP = Duration.ofSeconds(5);

  /// @param groups in which they may answer
  /// @param reachable whether there is a way to ask them
  /// @param quietUntil the end of their quiet hours; absent where they are awake
  public record Person(
      String id, Set<String> groups, boolean reachable, @Nullable Instant quietUntil) {
    public Person {
      groups = Set.copyOf(groups);
    }
  }

  private QuietHours() {}

  /// When each who is to sleep is asked; whoever is not in it is asked at once.
  ///
  /// @param reached whom the question is to reach
  public static Map<String, Instant> notBefore(
      List<Person> reached, Requirement requirement, Instant expiresAt) {
    List<Person> awake =
        reached.stream().filter(each -> each.reachable && each.quietUntil == null).toList();
    if (!Seats.allFilledBy(awake, Person::groups, requirement)) {
      return Map.of();
    }
    Instant latest =
        requirement.escalate().stream()
            .map(step -> requirement.due(step, expiresAt).plus(AFTER_STEP))
            .filter(expiresAt::isAfter)
            .min(Instant::compareTo)
            .orElse(expiresAt);
    Map<String, Instant> notBefore = new HashMap<>();
    for (Person each : reached) {
      Instant until = each.quietUntil;
      if (until != null) {
        notBefore.put(each.id, until.isBefore(latest) ? until : latest);
      }
    }
    return notBefore;
  }
}
