package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.demo.Scenario;
import dev.countersign.flow.WholeSystem.Running;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The six cases of `./countersign demo`, end to end.
@ExtendWith(WholeSystem.class)
class DemoTest {

  @Test
  void everyClaimOfTheDemoHolds(Running running) {
    Consumer<String> lines = System.out::println;
    try (Scenario scenario = new Scenario(running.addresses(), lines)) {
      assertEquals(List.of(), scenario.play());
    }
  }
}
