package dev.countersign.flow;

import dev.countersign.events.ActionId;
import dev.countersign.events.Execution;
import dev.countersign.flow.SimulatedExecutor.Run;
import dev.countersign.flow.SimulatedExecutor.State;
import dev.countersign.flow.SimulatedSystem.Call;
import dev.countersign.verifier.Grant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Systems that run a tool themselves: whoever has a grant redeems it, runs what it permits if the
/// executor says yes, and says how it ended, or dies before any of these.
final class SimulatedElsewhere {

  private static final String REDEEMED = "redeemed";

  private final SimulatedSystem system;
  private final SimulatedExecutor executor;
  private final List<ActionId> ran = new ArrayList<>();

  SimulatedElsewhere(SimulatedSystem system, SimulatedExecutor executor) {
    this.system = system;
    this.executor = executor;
  }

  void step() {
    if (system.random.nextBoolean()) {
      redeem();
    } else {
      report();
    }
  }

  /// Any grant, however old and however often.
  private void redeem() {
    List<Grant> grants =
        system.signed.values().stream()
            .filter(each -> each.audience().equals(SimulatedSystem.ELSEWHERE.toolset()))
            .toList();
    if (grants.isEmpty()) {
      return;
    }
    Grant grant = system.any(grants);
    ActionId id = grant.actionId();
    Optional<Run> known = executor.rows.find(id);
    boolean unused =
        known.isEmpty()
            || known.get().state() == State.READY
            || system.defect == Defect.GRANT_IS_REDEEMED_AGAIN;
    if (!unused
        || !system.now.isBefore(grant.expiresAt())
        || executor.isFrozen()
        || executor.isVoid(grant)) {
      return;
    }
    executor.rows.put(
        id,
        system.now,
        new Run(
            State.STARTED,
            1,
            REDEEMED,
            system.now.plus(SimulatedSystem.LEASE),
            grant,
            Optional.empty()));
    if (!system.dies()) {
      system.calls.add(
          new Call(
              id,
              SimulatedSystem.ELSEWHERE,
              grant.actionDigest(),
              system.now,
              system.tickets.isApproved(id)));
      ran.add(id);
    }
  }

  /// The first word counts, and one that comes too late none.
  private void report() {
    if (ran.isEmpty()) {
      return;
    }
    ActionId id = system.any(ran);
    ran.remove(id);
    executor
        .rows
        .find(id)
        .filter(run -> run.state() == State.STARTED && run.instance().equals(REDEEMED))
        .ifPresent(run -> executor.end(id, run, Execution.Status.SUCCEEDED));
  }
}
