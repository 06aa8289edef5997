package dev.countersign.executor.application;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.ActionId;
import dev.countersign.events.Tool;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class HeldTest {

  private static final Duration SURELY = Duration.ofSeconds(10);

  private final Held held =
      new Held(
          new Begun(
              new ActionId(UUID.randomUUID()),
              new Tool("test", "ok"),
              1,
              JsonNodeFactory.instance.objectNode(),
              null,
              Duration.ofMinutes(2),
              null,
              null,
              null,
              null,
              null),
          at(0),
          SURELY);

  @Test
  void anAnswerThatComesLateTakesNothingBack() {
    held.renewed(at(10), SURELY);
    held.renewed(at(5), SURELY);

    assertEquals(Optional.empty(), held.over(at(19)));
    assertEquals(Optional.of(Held.lost()), held.over(at(20)));
  }

  @Test
  void anAnswerThatComesAfterALeaseGivesNothingBack() {
    held.renewed(at(5), SURELY);

    assertEquals(Optional.of(Held.lost()), held.over(at(15)));
  }

  private static long at(int second) {
    return Duration.ofSeconds(second).toNanos();
  }
}
