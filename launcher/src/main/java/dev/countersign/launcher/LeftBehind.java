package dev.countersign.launcher;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// Processes of a supervisor that was killed and could not stop them.
final class LeftBehind {

  private static final Duration GRACE = Duration.ofSeconds(15);

  private LeftBehind() {}

  /// Those that still run.
  static List<StateFolder.Running> in(StateFolder.Snapshot snapshot) {
    return snapshot.parts().stream().filter(part -> handle(part).isPresent()).toList();
  }

  /// Stops what still runs on this folder, last started first, and says whether anything did.
  static boolean stop(StateFolder state, Consumer<String> progress) {
    List<StateFolder.Running> left = state.snapshot().map(LeftBehind::in).orElse(List.of());
    for (StateFolder.Running part : left.reversed()) {
      handle(part)
          .ifPresent(process -> {
            progress.accept(
                "stopping %s, left behind by an earlier run (process %d)"
                    .formatted(part.name(), process.pid()));
            end(process, part.name().equals("postgres") ? Child.Signal.INT : Child.Signal.TERM);
          });
    }
    // It is written down once it answers; killed before, the supervisor left one that is not.
    return EmbeddedPostgres.stopOrphan(state.root().resolve("postgres"), progress)
        || !left.isEmpty();
  }

  private static Optional<ProcessHandle> handle(StateFolder.Running part) {
    if (part.pid() <= 0) {
      return Optional.empty();
    }
    return ProcessHandle.of(part.pid())
        .filter(process -> Processes.began(process, part.startedAt()));
  }

  private static void end(ProcessHandle process, Child.Signal signal) {
    Child.signal(process.pid(), signal);
    if (!ended(process)) {
      Child.signal(process.pid(), Child.Signal.KILL);
      if (!ended(process)) {
        throw new StartRefused(
            "process " + process.pid() + " of an earlier run does not stop; stop it by hand");
      }
    }
  }

  private static boolean ended(ProcessHandle process) {
    try {
      process.onExit().get(GRACE.toSeconds(), TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException _) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
