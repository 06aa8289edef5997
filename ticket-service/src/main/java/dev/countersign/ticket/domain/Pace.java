package dev.countersign.ticket.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How fast an approver went through what they approved lately, and so whether they should stop
/// before the next ticket of high risk.
///
/// After three approvals within five minutes, or one that was given in under three seconds, an
/// approval opens only so long after they first saw the ticket and after their last approval. What
/// was answered together counts as one.
///
/// @param pause how long they wait; none where it is zero
/// @param firstSeen when they first saw the ticket that they are to answer
/// @param lately what they approved lately, in any order
public record Pace(Duration pause, @Nullable Instant firstSeen, List<Approval> lately) {

  /// How far back it matters what somebody approved.
  public static final Duration LATELY = Duration.ofMinutes(5);

  private static final int MANY = 3;
  private static final Duration HASTY = Duration.ofSeconds(3);

  /// Nothing lately.
  public static final Pace CALM = new Pace(Duration.ZERO, null, List.of());

  /// An approval, and when they first saw what they approved.
  public record Approval(@Nullable Instant firstSeen, Instant at) {

    boolean isHasty() {
      return firstSeen != null && Duration.between(firstSeen, at).compareTo(HASTY) < 0;
    }
  }

  public Pace {
    lately = List.copyOf(lately);
  }

  /// When an approval opens, where it is not open yet.
  public Optional<Instant> opens(Instant now) {
    List<Approval> recent =
        lately.stream().filter(each -> each.at().isAfter(now.minus(LATELY))).toList();
    boolean many = recent.stream().map(Approval::at).distinct().count() >= MANY;
    if (!many && recent.stream().noneMatch(Approval::isHasty)) {
      return Optional.empty();
    }
    Instant last = recent.stream().map(Approval::at).max(Instant::compareTo).orElseThrow();
    Instant from = firstSeen == null || firstSeen.isBefore(last) ? last : firstSeen;
    return Optional.of(from.plus(pause)).filter(now::isBefore);
  }
}
