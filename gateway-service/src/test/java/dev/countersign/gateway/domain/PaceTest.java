package dev.countersign.gateway.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// The bucket of a caller.
@NullMarked
class PaceTest {

  private static final long SECOND = 1_000_000_000L;
  private static final Pace.Limit TEN = new Pace.Limit(10, 20);

  @Test
  void aBurstIsServedAndTheNextIsToldWhen() {
    Pace pace = new Pace(TEN, 0);
    for (int i = 0; i < 20; i++) {
      Pace.Taken taken = pace.take(1, 0);
      assertTrue(taken.granted());
      assertEquals(19 - i, taken.left());
    }
    Pace.Taken refused = pace.take(1, 0);
    assertFalse(refused.granted());
    assertEquals(Duration.ofMillis(100), refused.retryAfter());
    assertEquals(Duration.ofSeconds(2), refused.untilFull());
    assertTrue(pace.take(1, SECOND / 10).granted());
    assertFalse(pace.take(1, SECOND / 10).granted());
  }

  @Test
  void whatIsRefusedCostsNothing() {
    Pace pace = new Pace(TEN, 0);
    assertFalse(pace.take(21, 0).granted());
    assertEquals(0, pace.take(20, 0).left());
  }

  @Test
  void restGivesBackTheBurstAndNoMore() {
    Pace pace = new Pace(TEN, 0);
    assertTrue(pace.take(20, 0).granted());
    assertEquals(19, pace.take(1, 3600 * SECOND).left());
  }

  @Test
  void inAnyRunNoMorePassThanBurstAndRateAllow() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Pace pace = new Pace(TEN, 0);
    long now = 0;
    long passed = 0;
    for (int i = 0; i < 10_000; i++) {
      now += random.nextLong(SECOND / 5);
      int count = 1 + random.nextInt(5);
      if (pace.take(count, now).granted()) {
        passed += count;
      }
      assertTrue(passed <= 20 + now / (SECOND / 10), "seed " + seed);
    }
  }
}
