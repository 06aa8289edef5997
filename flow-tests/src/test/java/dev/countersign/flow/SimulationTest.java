package dev.countersign.flow;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.Decision;
import dev.countersign.events.Event;
import dev.countersign.events.Execution;
import dev.countersign.events.Topics;
import dev.countersign.events.Trust;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The seeded simulation of the pure parts. `-Dcountersign.simulation.seed=…` runs one seed again,
/// `-Dcountersign.simulation.seeds=…` runs more of them.
class SimulationTest {

  private static final int ACTIONS = 50;
  private static final int STEPS = 3_000;

  private static LongStream seeds() {
    Long one = Long.getLong("countersign.simulation.seed");
    return one == null
        ? LongStream.rangeClosed(1, Integer.getInteger("countersign.simulation.seeds", 200))
        : LongStream.of(one);
  }

  private static SimulatedSystem run(long seed, Defect defect) {
    SimulatedSystem system = new SimulatedSystem(seed, ACTIONS, defect);
    system.run(STEPS);
    return system;
  }

  @Test
  void whateverCrashesRepeatsOrOvertakesTheInvariantsHold() {
    seeds()
        .forEach(seed ->
            assertEquals(
                List.of(),
                Invariants.violatedBy(run(seed, Defect.NONE)),
                "run it again with -Dcountersign.simulation.seed=" + seed));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aPlantedDefectIsFound(Defect defect) {
    assertTrue(
        LongStream.rangeClosed(1, 200)
            .mapToObj(seed -> Invariants.violatedBy(run(seed, defect)))
            .flatMap(List::stream)
            .anyMatch(violation -> violation.name() == defect.breaks.orElseThrow()),
        "no seed of two hundred shows " + defect);
  }

  @Test
  void aSeedIsARun() {
    assertEquals(
        run(7, Defect.NONE).log.entries.toString(), run(7, Defect.NONE).log.entries.toString());
  }

  /// Invariants hold easily where nothing happens.
  @Test
  void everythingHappens() {
    Map<String, Integer> seen = new TreeMap<>();
    LongStream.rangeClosed(1, 150)
        .mapToObj(seed -> run(seed, Defect.NONE))
        .forEach(system -> {
          seen.merge("crash", system.crashes, Integer::sum);
          seen.merge("restore", system.restores, Integer::sum);
          seen.merge("freeze", system.executor.freezes.size(), Integer::sum);
          long elsewhere =
              system.calls.stream()
                  .filter(it -> it.tool().equals(SimulatedSystem.ELSEWHERE))
                  .count();
          seen.merge("redemption", (int) elsewhere, Integer::sum);
          for (String topic : Topics.ALL) {
            List<SimulatedSystem.Message> records =
                system.partitions(topic).stream().flatMap(List::stream).toList();
            long distinct = records.stream().map(SimulatedSystem.Message::id).distinct().count();
            seen.merge("resent", (int) (records.size() - distinct), Integer::sum);
          }
          system.log.entries.forEach(entry -> seen.merge(what(entry), 1, Integer::sum));
          long ids = system.calls.stream().map(SimulatedSystem.Call::id).distinct().count();
          seen.merge("idempotent retry", (int) (system.calls.size() - ids), Integer::sum);
        });
    assertAll(
        List.of(
                "crash",
                "restore",
                "freeze",
                "redemption",
                "resent",
                "idempotent retry",
                "dead-letter",
                "expired",
                "decision APPROVED approved",
                "decision REJECTED rejected",
                "decision DENIED denied",
                "decision REFUSED unsatisfiable",
                "decision CANCELLED cancelled",
                "decision APPROVED trusted",
                "decision REFUSED session-held",
                "trust GRANTED",
                "trust USED",
                "trust REVOKED",
                "execution SUCCEEDED",
                "execution FAILED",
                "execution REFUSED",
                "execution UNKNOWN",
                "forged decision APPROVED approved")
            .stream()
            .map(what -> () -> assertTrue(seen.getOrDefault(what, 0) > 10, what + " in " + seen)));
  }

  private static String what(SimulatedSystem.Message message) {
    Event event = message.event();
    String detail =
        message.topic().equals(Topics.DEAD_LETTER)
            ? ""
            : switch (event) {
              case Decision it when it.reason() != null ->
                  " " + it.outcome() + " " + it.reason().code();
              case Execution it -> " " + it.status();
              case Trust it -> " " + it.change();
              default -> "";
            };
    return (message.isGenuine() ? "" : "forged ") + message.topic() + detail;
  }
}
