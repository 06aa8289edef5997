package dev.countersign.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With three real processes: targets, two of them in the place of services.
class SupervisorTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;
  private final List<String> progress = new CopyOnWriteArrayList<>();
  private Supervisor supervisor;
  private volatile boolean diskFull;
  private volatile List<StateFolder.Running> written = List.of();

  @BeforeEach
  void start() throws Exception {
    supervisor =
        new Supervisor(
            List.of(
                target("ground", Part.Stage.GROUND, JvmPart.Rank.AT_ONCE),
                target("service", Part.Stage.SERVICES, JvmPart.Rank.AT_ONCE),
                target("last", Part.Stage.SERVICES, JvmPart.Rank.LAST)),
            progress::add,
            this::write);
    supervisor.start();
    assertTrue(supervisor.awaitReady(PATIENCE), progress::toString);
  }

  private void write(List<StateFolder.Running> parts) {
    if (diskFull) {
      throw new UncheckedIOException("the state folder cannot be written", new IOException("full"));
    }
    written = parts;
  }

  @AfterEach
  void stop() {
    supervisor.stop();
  }

  @Test
  void aPartThatDiesIsStartedAgain() throws Exception {
    long before = part("service").pid();
    supervisor.kill("service");
    assertTrue(becomes("service", before), progress::toString);
    assertEquals("ready", part("ground").state());
  }

  @Test
  void whereNothingCanBeWrittenItGoesOnWatchingAndTellsItLater() throws Exception {
    diskFull = true;
    long before = part("service").pid();
    supervisor.kill("service");
    assertTrue(becomes("service", before), progress::toString);
    assertTrue(progress.stream().anyMatch(each -> each.contains("could not be written")));
    diskFull = false;
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (!written.equals(supervisor.running())) {
      assertTrue(System.nanoTime() < until, written::toString);
      Thread.onSpinWait();
    }
  }

  @Test
  void aPartThatIsHeldDownStaysDownUntilItIsReleased() throws Exception {
    long before = part("ground").pid();
    supervisor.holdDown("ground");
    assertFalse(supervisor.awaitReady("ground", Duration.ofSeconds(1)));
    assertEquals(-1, part("ground").pid());
    supervisor.release("ground");
    assertTrue(becomes("ground", before), progress::toString);
  }

  @Test
  void stoppingEndsEveryProcessServicesFirst() {
    long ground = part("ground").pid();
    long service = part("service").pid();
    supervisor.stop();
    assertTrue(ProcessHandle.of(ground).isEmpty());
    assertTrue(ProcessHandle.of(service).isEmpty());
    assertEquals(Set.of("service stopped", "last stopped"), Set.copyOf(progress.subList(0, 2)));
    assertEquals(List.of("ground stopped"), progress.subList(2, progress.size()));
  }

  @Test
  void whatAKilledSupervisorLeftBehindIsStoppedByPid() {
    var snapshot = StateFolder.Snapshot.ours(supervisor.running());
    assertEquals(3, LeftBehind.in(snapshot).size());
    // A process that took over a pid is somebody else.
    StateFolder.Running real = snapshot.parts().getFirst();
    var other =
        new StateFolder.Running(
            real.name(), real.pid(), real.port(), real.state(), real.startedAt() + "1", 0);
    assertEquals(List.of(), LeftBehind.in(StateFolder.Snapshot.ours(List.of(other))));
  }

  @Test
  void whatComesLastIsNicerAlsoWhereLinuxGroupsBySession() throws Exception {
    Path process = Path.of("/proc").resolve(Long.toString(part("last").pid()));
    assumeTrue(Files.isDirectory(process), "only Linux tells how nice one is");
    // From 19 on nobody is nicer.
    assertEquals(Math.min(19, niceness("service") + 10), niceness("last"));
    Path group = process.resolve("autogroup");
    if (Files.isWritable(group) && !Sessions.own().isEmpty()) {
      assertTrue(Files.readString(group).strip().endsWith("nice 10"), Files.readString(group));
    }
  }

  private int niceness(String name) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(part(name).pid()), "stat"));
    // proc_pid_stat(5): the 19th field; the name, the second, is in parentheses.
    return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
  }

  private boolean becomes(String name, long otherThan) throws InterruptedException {
    // The death is seen by whoever watches, a moment after the signal.
    for (int look = 0; look < 600; look++) {
      if (supervisor.awaitReady(name, Duration.ofMillis(100)) && part(name).pid() != otherThan) {
        assertNotEquals(-1, part(name).pid());
        return true;
      }
    }
    return false;
  }

  private StateFolder.Running part(String name) {
    return supervisor.running().stream()
        .filter(part -> part.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private Part target(String name, Part.Stage stage, JvmPart.Rank rank) throws Exception {
    int port = FreePorts.one();
    Path credential = Files.writeString(folder.resolve(name + ".credential"), "secret");
    var plan =
        new JvmPart.Plan(
            name,
            port,
            stage,
            rank,
            List.of(JvmPart.CHEAP_CODE, "-XX:+UseSerialGC"),
            List.of(
                "-cp",
                System.getProperty("java.class.path"),
                Target.class.getName(),
                Integer.toString(port),
                folder.resolve(name + ".jsonl").toString(),
                credential.toString()),
            Map.of(),
            URI.create("http://127.0.0.1:" + port + "/ready"),
            folder);
    return new JvmPart(plan, null, progress::add);
  }
}
