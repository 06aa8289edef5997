package dev.countersign.ticket.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PaceTest {

  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
  private static final Duration PAUSE = Duration.ofSeconds(10);

  @Test
  void afterThreeApprovalsWithinFiveMinutesTheNextWaitsFromWhenItWasFirstSeen() {
    Pace three = pace(ago(1), approval(60, 200), approval(50, 120), approval(40, 20));
    assertEquals(Optional.of(NOW.plusSeconds(9)), three.opens(NOW));
    assertEquals(Optional.of(NOW.plusSeconds(9)), three.opens(NOW.plusMillis(8_999)));
    assertEquals(Optional.empty(), three.opens(NOW.plusSeconds(9)));
  }

  @Test
  void twoAreNoneAndOneOfMoreThanFiveMinutesAgoIsForgotten() {
    assertEquals(Optional.empty(), pace(ago(1), approval(60, 120), approval(40, 20)).opens(NOW));
    assertEquals(
        Optional.empty(),
        pace(ago(1), approval(60, 300), approval(60, 120), approval(40, 20)).opens(NOW));
  }

  @Test
  void afterOneThatWasGivenInUnderThreeSecondsTheNextWaits() {
    Instant at = ago(30);
    for (long millis : List.of(0L, 2_999L)) {
      assertEquals(
          Optional.of(NOW.plusSeconds(10)),
          pace(NOW, new Pace.Approval(at.minusMillis(millis), at)).opens(NOW));
    }
    assertEquals(
        Optional.empty(), pace(NOW, new Pace.Approval(at.minusMillis(3_000), at)).opens(NOW));
  }

  @Test
  void whatWasOpenedBeforeTheLastApprovalWaitsFromThatApproval() {
    Pace openInAnotherTab = pace(ago(200), new Pace.Approval(ago(3), ago(2)));
    assertEquals(Optional.of(NOW.plusSeconds(8)), openInAnotherTab.opens(NOW));
    Pace neverOpened = pace(null, new Pace.Approval(ago(3), ago(2)));
    assertEquals(Optional.of(NOW.plusSeconds(8)), neverOpened.opens(NOW));
  }

  @Test
  void whatWasAnsweredTogetherCountsAsOne() {
    Pace.Approval[] set =
        IntStream.range(0, 20).mapToObj(_ -> approval(60, 20)).toArray(Pace.Approval[]::new);
    assertEquals(Optional.empty(), pace(ago(1), set).opens(NOW));
  }

  @Test
  void withoutAPauseNothingWaits() {
    assertEquals(
        Optional.empty(),
        new Pace(Duration.ZERO, NOW, List.of(new Pace.Approval(NOW, NOW))).opens(NOW));
  }

  private static Pace pace(@Nullable Instant firstSeen, Pace.Approval... lately) {
    return new Pace(PAUSE, firstSeen, Arrays.asList(lately));
  }

  /// Given so many seconds ago, after so many seconds of reading.
  private static Pace.Approval approval(int read, int ago) {
    return new Pace.Approval(ago(ago).minusSeconds(read), ago(ago));
  }

  private static Instant ago(int seconds) {
    return NOW.minusSeconds(seconds);
  }
}
