package dev.countersign.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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
    assertTrue(StateFolder.Snapshot.ours(List.of()).isAlive());
    StateFolder.Snapshot ours = StateFolder.Snapshot.ours(List.of());
    assertTrue(
        new StateFolder.Snapshot(ours.pid(), ours.startedAt() + 3_000, List.of()).isAlive(),
        "the clock was set");
    assertTrue(
        !new StateFolder.Snapshot(ours.pid(), ours.startedAt() - 60_000, List.of()).isAlive());
    state().folder("");
    state().write(ours);
    assertEquals(ours, state().snapshot().orElseThrow());
  }
}
