package dev.countersign.flow;

import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.Execution;
import dev.countersign.events.Reason;
import dev.countersign.events.Topics;
import dev.countersign.executor.domain.Judgement;
import dev.countersign.flow.SimulatedSystem.Call;
import dev.countersign.flow.SimulatedSystem.Change;
import dev.countersign.flow.SimulatedSystem.Message;
import dev.countersign.flow.SimulatedSystem.Table;
import dev.countersign.verifier.DecisionVerifier;
import dev.countersign.verifier.Grant;
import dev.countersign.verifier.KeySet;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Intent, effect, outcome, by two instances that share the rows and nothing else.
final class SimulatedExecutor extends SimulatedService {

  // Attestations are the verifier's own tests' business; the model's grants name no approvals.
  private static final DecisionVerifier NO_VOTES =
      new DecisionVerifier(_ -> KeySet.read("{\"keys\": []}".getBytes(StandardCharsets.UTF_8)));

  /// Of what ends because a backup was put back.
  static final Reason RESTORED = new Reason("restored", "restored");

  enum State {
    SUSPECT,
    READY,
    STARTED,
    DONE
  }

  /// An execution as a row. `action` is absent while only a changed copy was seen.
  record Run(
      State state,
      int attempt,
      String instance,
      Instant leaseUntil,
      Grant grant,
      Optional<Action> action) {

    Run at(State next) {
      return new Run(next, attempt, instance, leaseUntil, grant, action);
    }

    Run claimedBy(String next, Instant until) {
      return new Run(State.STARTED, attempt + 1, next, until, grant, action);
    }

    /// Not one that its own system runs.
    boolean isOurs() {
      return !grant.audience().equals(SimulatedSystem.ELSEWHERE.toolset());
    }

    boolean isIdempotent() {
      return action.map(Action::tool).filter(SimulatedSystem.IDEMPOTENT::contains).isPresent();
    }
  }

  final Table<Run> rows = new Table<>();

  final List<Freeze> freezes = new ArrayList<>();

  private final SimulatedElsewhere elsewhere = new SimulatedElsewhere(system, this);
  private final List<Instance> instances = new ArrayList<>();
  private int born;
  private Instant epoch = Instant.MIN;
  private @Nullable Backup backup;

  record Freeze(Instant from, Instant to) {
    boolean holds(Instant at) {
      return !at.isBefore(from) && at.isBefore(to);
    }
  }

  /// All of the executor's database.
  private record Backup(Copy copy, Map<ActionId, List<Change<Run>>> rows) {}

  /// What one process has in hand: it dies with it.
  private final class Instance {
    private final String name = "executor-" + born++;
    private final Map<ActionId, Run> begun = new LinkedHashMap<>();
    private final Map<ActionId, Execution.Status> ended = new LinkedHashMap<>();
  }

  SimulatedExecutor(SimulatedSystem system) {
    super(system, "executor", List.of(Topics.DECISION));
    instances.add(new Instance());
    instances.add(new Instance());
  }

  @Override
  void crash() {
    super.crash();
    instances.set(system.random.nextInt(instances.size()), new Instance());
  }

  @Override
  void handle(Message message) {
    Decision decision = (Decision) message.event();
    Grant grant = decision.grant() == null ? null : system.signed.get(decision.grant());
    if (grant == null) {
      return;
    }
    if (system.defect == Defect.EXECUTOR_BELIEVES_THE_TOPIC) {
      enter(decision.actionId(), grant, State.READY, Optional.ofNullable(decision.action()));
      return;
    }
    switch (Judgement.of(decision, grant, SimulatedSystem.ISSUER, NO_VOTES)) {
      case Judgement.Permitted it ->
          enter(it.actionId(), it.grant(), State.READY, Optional.of(it.action()));
      case Judgement.Tampered it -> {
        enter(it.grant().actionId(), it.grant(), State.SUSPECT, Optional.empty());
        emit(Topics.DEAD_LETTER, decision);
      }
      case Judgement.Forged _ -> emit(Topics.DEAD_LETTER, decision);
    }
  }

  /// Whether it was given before the epoch that is.
  boolean isVoid(Grant grant) {
    return grant.notBefore().isBefore(epoch)
        && system.defect != Defect.EPOCH_HONOURS_GRANTS_OF_BEFORE;
  }

  boolean isFrozen() {
    return system.defect != Defect.FREEZE_IS_NOT_SEEN
        && freezes.stream().anyMatch(each -> each.holds(system.now));
  }

  /// Somebody freezes everything, and a while later two have lifted it.
  void freeze() {
    freezes.add(new Freeze(system.now, system.now.plusSeconds(1 + system.random.nextInt(10))));
  }

  /// Somebody makes a backup, or puts back the one there is, and a new epoch begins.
  void backUpOrPutBack() {
    Backup made = backup;
    if (made == null || system.random.nextInt(3) > 0) {
      Map<ActionId, List<Change<Run>>> copied = new LinkedHashMap<>();
      rows.history.forEach((id, changes) -> copied.put(id, new ArrayList<>(changes)));
      backup = new Backup(copy(), copied);
      return;
    }
    system.restores++;
    putBack(made.copy, system.defect != Defect.EPOCH_READS_NOTHING_AGAIN);
    rows.history.clear();
    made.rows.forEach((id, changes) -> rows.history.put(id, new ArrayList<>(changes)));
    instances.replaceAll(_ -> new Instance());
    if (system.defect == Defect.RESTORE_BEGINS_NO_EPOCH) {
      return;
    }
    epoch = system.now;
    for (ActionId id : rows.ids()) {
      Run run = rows.find(id).orElseThrow();
      if (run.state() != State.DONE) {
        end(id, run, Execution.Status.UNKNOWN, RESTORED);
      }
    }
  }

  private void enter(ActionId id, Grant grant, State state, Optional<Action> action) {
    Optional<Run> known = rows.find(id);
    boolean truth = state == State.READY && known.map(Run::state).orElse(state) == State.SUSPECT;
    if (known.isEmpty() || truth || system.defect == Defect.EXECUTOR_FORGETS_WHAT_IT_TOOK) {
      Run run = new Run(state, 0, "", system.now, grant, action);
      if (isVoid(grant)) {
        end(id, run, Execution.Status.UNKNOWN, RESTORED);
      } else {
        rows.put(id, system.now, run);
      }
    }
  }

  void step() {
    Instance instance = system.any(instances);
    switch (system.random.nextInt(9)) {
      case 0, 1 -> {
        var _ = claim(instance);
      }
      case 2, 3, 4 -> perform(instance);
      case 5, 6 -> finish(instance);
      case 7 -> elsewhere.step();
      default -> sweep(instance);
    }
    if (system.dies()) {
      crash();
    }
  }

  private boolean claim(Instance instance) {
    if (isFrozen()) {
      return false;
    }
    for (ActionId id : rows.ids()) {
      Run run = rows.find(id).orElseThrow();
      if (run.isOurs()
          && run.state() == State.READY
          && system.now.isBefore(run.grant().expiresAt())) {
        if (system.defect == Defect.EXECUTOR_ACTS_BEFORE_ITS_INTENT) {
          call(id, run);
          if (system.dies()) {
            crash();
            return true;
          }
        }
        Run claimed = run.claimedBy(instance.name, system.now.plus(SimulatedSystem.LEASE));
        rows.put(id, system.now, claimed);
        instance.begun.put(id, claimed);
        return true;
      }
    }
    return false;
  }

  private void perform(Instance instance) {
    instance.begun.entrySet().stream()
        .filter(each -> !instance.ended.containsKey(each.getKey()))
        .findFirst()
        .ifPresent(
            each -> instance.ended.put(each.getKey(), outcome(each.getKey(), each.getValue())));
  }

  private Execution.Status outcome(ActionId id, Run run) {
    if (system.now.isAfter(run.leaseUntil().minus(SimulatedSystem.LEASE.dividedBy(3)))) {
      // It stood still since the claim: nothing is run system.now, but an attempt before may have
      // been.
      return run.attempt() == 1 || system.defect == Defect.EXECUTOR_FORGETS_AN_EARLIER_ATTEMPT
          ? Execution.Status.FAILED
          : Execution.Status.UNKNOWN;
    }
    if (system.defect != Defect.EXECUTOR_ACTS_BEFORE_ITS_INTENT) {
      call(id, run);
    }
    return Execution.Status.SUCCEEDED;
  }

  private void call(ActionId id, Run run) {
    Action action = run.action().orElseThrow();
    system.calls.add(
        new Call(id, action.tool(), action.digest(id), system.now, system.tickets.isApproved(id)));
  }

  private void finish(Instance instance) {
    instance.ended.entrySet().stream()
        .findFirst()
        .ifPresent(each -> {
          ActionId id = each.getKey();
          Run mine = Objects.requireNonNull(instance.begun.get(id));
          // The fence: whoever lost its lease to another has nothing to say any more.
          if (rows.find(id).orElseThrow().equals(mine)) {
            end(id, mine, each.getValue());
          }
          instance.ended.remove(id);
          instance.begun.remove(id);
        });
  }

  private void sweep(Instance instance) {
    for (ActionId id : rows.ids()) {
      Run run = rows.find(id).orElseThrow();
      boolean over = !system.now.isBefore(run.grant().expiresAt());
      switch (run.state()) {
        case SUSPECT, READY -> {
          if (over) {
            end(id, run, run.attempt() > 0 ? Execution.Status.UNKNOWN : Execution.Status.REFUSED);
          }
        }
        case STARTED -> {
          if (system.now.isAfter(run.leaseUntil())
              && !instance.begun.containsKey(id)
              && system.defect != Defect.EXECUTOR_LEAVES_WHAT_WAS_BEGUN) {
            boolean again =
                run.isIdempotent() || system.defect == Defect.EXECUTOR_RETRIES_WHAT_WAS_BEGUN;
            if (again && !over) {
              rows.put(id, system.now, run.at(State.READY));
            } else {
              end(id, run, Execution.Status.UNKNOWN);
            }
          }
        }
        case DONE -> {}
      }
    }
  }

  void end(ActionId id, Run run, Execution.Status status) {
    end(id, run, status, null);
  }

  private void end(ActionId id, Run run, Execution.Status status, @Nullable Reason reason) {
    rows.put(id, system.now, run.at(State.DONE));
    emit(
        new Execution(
            id,
            system.now,
            status,
            run.attempt(),
            null,
            system.now,
            run.grant().actionDigest(),
            null,
            reason));
  }

  @Override
  void drain() {
    super.drain();
    for (Instance instance : instances) {
      do {
        perform(instance);
        finish(instance);
      } while (claim(instance) || !instance.begun.isEmpty());
      sweep(instance);
    }
  }
}
