package dev.countersign.notifier.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {

  @Test
  void eachPauseIsTwiceTheLastUntilFiveMinutes() {
    assertEquals(Duration.ofSeconds(1), Backoff.after(1, 1));
    assertEquals(Duration.ofSeconds(2), Backoff.after(2, 1));
    assertEquals(Duration.ofSeconds(64), Backoff.after(7, 1));
    assertEquals(Duration.ofMinutes(5), Backoff.after(10, 1));
    assertEquals(Duration.ofMinutes(5), Backoff.after(Integer.MAX_VALUE, 1));
  }

  @Test
  void halfOfItIsRandom() {
    assertEquals(Duration.ofMillis(500), Backoff.after(1, 0));
    assertEquals(Duration.ofMillis(750), Backoff.after(1, 0.5));
  }
}
