package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.demo.Pocket;
import dev.countersign.demo.Scenario;
import dev.countersign.flow.WholeSystem.Running;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The six cases of `./countersign demo`, end to end.
@ExtendWith(WholeSystem.class)
class DemoTest {

  @Test
  void everyClaimOfTheDemoHolds(Running running, @TempDir Path pocket) {
    Consumer<String> lines = System.out::println;
    try (Scenario scenario =
        new Scenario(running.addresses(), running.operator(), new Pocket(pocket), lines)) {
      assertEquals(List.of(), scenario.play());
    }
  }
}
