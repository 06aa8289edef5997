package dev.countersign.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {

  @TempDir private Path temporary;

  private StateFolder state() {
    return new StateFolder(temporary.resolve("state"));
  }

  private static String mode(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void whateverIsMadeFirstOthersMayPassThroughTheRootAndLookIntoNothing() throws Exception {
    Path logs = state().logs();
    assertEquals("rwx--x--x", mode(state().root()));
    assertEquals("rwx------", mode(logs));
    state().operatorSecret();
    assertEquals("rw-------", mode(state().root().resolve("secrets/operator")));
  }

  @Test
  void anEmptySecretIsRefusedByName() throws Exception {
    Path file = state().closed("secrets").resolve("operator");
    Files.createFile(file);
    StartRefused refused = assertThrows(StartRefused.class, () -> state().operatorSecret());
    assertTrue(String.valueOf(refused.getMessage()).contains(file.toString()));
  }

  @Test
  void aSupervisorIsKnownByItsPidAndItsStart() {
    StateFolder.Snapshot ours = StateFolder.Snapshot.ours(List.of());
    assertTrue(ours.isAlive());
    assertFalse(new StateFolder.Snapshot(ours.pid(), ours.startedAt() + "1", List.of()).isAlive());
    state().folder("");
    state().write(ours);
    assertEquals(ours, state().snapshot().orElseThrow());
  }

  @Test
  void onLinuxAStartIsKnownWhateverBecomesOfTheClock() throws Exception {
    Path boot = Path.of("/proc/sys/kernel/random/boot_id");
    assumeTrue(Files.exists(boot), "no Linux");
    assertEquals(
        Files.readString(boot).strip(),
        String.valueOf(StateFolder.Snapshot.ours(List.of()).startedAt()).split("/")[0]);
    Process later = new ProcessBuilder("sleep", "600").start();
    try {
      String start = Processes.startedAt(later.toHandle());
      assertTrue(Processes.began(later.toHandle(), start));
      assertFalse(Processes.began(ProcessHandle.current(), start), "of the same boot");
    } finally {
      later.destroyForcibly().waitFor();
    }
  }

  @Test
  void whereTheClockAloneTellsItSomeSecondsAreNoDifference() throws Exception {
    ProcessHandle self = ProcessHandle.current();
    long start = self.info().startInstant().orElseThrow().toEpochMilli();
    assertTrue(Processes.began(self, start + 3_000));
    assertFalse(Processes.began(self, start - 60_000));
    // As a version of before wrote it; what a later one adds is left out.
    Path file = state().folder("").resolve("supervisor.json");
    Files.writeString(
        file,
        """
        {"pid": %d, "startedAt": %d, "new": 1, "parts": [{"name": "ticket", "pid": -1,
         "port": 8082, "state": "stopped", "startedAt": 0, "deaths": 0, "new": {"a": []}}]}
        """
            .formatted(self.pid(), start));
    StateFolder.Snapshot read = state().snapshot().orElseThrow();
    assertTrue(read.isAlive());
    assertEquals(List.of(StateFolder.Running.stopped("ticket", 8082)), read.parts());
  }

  /// Whoever else has its port would be told the operator's secret.
  @Test
  void aPartIsOursWhileItsProcessLives() throws Exception {
    assertEquals(Optional.empty(), state().living("ticket"));
    StateFolder.Snapshot ours = StateFolder.Snapshot.ours(List.of());
    String start = String.valueOf(ours.startedAt());
    StateFolder.Running lives =
        new StateFolder.Running("ticket", ours.pid(), 18_082, "ready", start, 0);
    StateFolder.Running another =
        new StateFolder.Running("audit", ours.pid(), 18_085, "ready", start + "1", 0);
    state().folder("");
    state().write(StateFolder.Snapshot.ours(List.of(lives, another)));
    // Its supervisor may have been killed: who runs on must be stopped from doing so all the more.
    assertEquals(Optional.of(lives), state().living("ticket"));
    assertEquals(Optional.empty(), state().living("audit"), "its process is another");
    assertEquals(Optional.empty(), state().living("gateway"));
    Path copy = Files.createDirectories(state().root().resolveSibling("copy"));
    Files.copy(state().root().resolve("supervisor.json"), copy.resolve("supervisor.json"));
    assertEquals(
        Optional.empty(), new StateFolder(copy).living("ticket"), "nothing runs on a copy");
  }

  @Test
  void aBackupThatIsPutBackTwiceHasTwoNames() {
    Instant once = Instant.parse("2026-11-26T12:00:00Z");
    state().restored("2026-11-26T02:00", once);
    String first = state().restored().orElseThrow();
    assertTrue(first.startsWith("2026-11-26T02:00"), first);
    assertEquals(first, state().restored().orElseThrow(), "of one saying");
    state().restored("2026-11-26T02:00", once.plusSeconds(1));
    assertNotEquals(first, state().restored().orElseThrow());
  }
}
