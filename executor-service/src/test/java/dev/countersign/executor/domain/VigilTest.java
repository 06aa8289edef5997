package dev.countersign.executor.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VigilTest {

  private static final Instant START = Instant.parse("2026-11-29T09:00:00Z");

  private final Vigil vigil = new Vigil(Duration.ofSeconds(15), Duration.ofSeconds(5));

  /// The seconds, of these at which it is seen, at which it has lasted.
  private List<Integer> lasting(int... seconds) {
    List<Integer> lasting = new ArrayList<>();
    for (int each : seconds) {
      if (vigil.lasts(START.plusSeconds(each))) {
        lasting.add(each);
      }
    }
    return lasting;
  }

  @Test
  void whoHasJustBegunTakesNobodyForDead() {
    assertEquals(List.of(15, 16), lasting(0, 5, 10, 14, 15, 16));
  }

  @Test
  void afterAGapItTakesAWholeLeaseAgain() {
    assertEquals(List.of(15, 20, 41), lasting(0, 5, 10, 15, 20, 26, 31, 36, 40, 41));
  }

  @Test
  void aClockThatIsPutBackEndsNothingEarly() {
    assertEquals(List.of(15, 16), lasting(0, 5, 10, 15, 2, 7, 12, 16));
  }

  @Test
  void aClockThatIsPutFarBackKeepsNobodyWaitingUntilItHasCaughtUp() {
    assertEquals(List.of(3615, 15, 20), lasting(3600, 3605, 3610, 3615, 0, 5, 10, 15, 20));
  }

  @Test
  void whatIsCountedIsCountedOnce() {
    List<Integer> lasting = new ArrayList<>();
    for (int each : new int[] {0, 5, 10, 15, 20, 25, 30, 36, 41, 46, 51}) {
      if (vigil.lastsOnceMore(START.plusSeconds(each))) {
        lasting.add(each);
      }
    }
    assertEquals(List.of(15, 30, 51), lasting);
  }
}
