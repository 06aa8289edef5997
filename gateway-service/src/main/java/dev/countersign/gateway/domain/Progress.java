package dev.countersign.gateway.domain;

import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.Execution;
import dev.countersign.events.Expired;
import dev.countersign.events.Oversight;
import dev.countersign.events.Reason;
import dev.countersign.events.TicketOpened;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What has been heard of one action so far. Its events come over topics that know no order among
/// each other, so any of them may be missing while a later one is there: this is a set of facts
/// that only grows, and {@link #status()} says what they amount to.
///
/// @param origin who asked for what, as far as it is known
/// @param proposed the digest of what was proposed through this gateway
/// @param judged the digest that the policy judged
/// @param reached approvers to whom a message got through
/// @param failed approvers to whom a message failed
/// @param reconciled what a person found last, where it was not certain how it ended
/// @param version grows with each fact, from 1
public record Progress(
    ActionId actionId,
    @Nullable Origin origin,
    @Nullable Digest proposed,
    @Nullable Digest judged,
    @Nullable TicketOpened ticket,
    @Nullable Instant seenAt,
    Set<String> reached,
    Set<String> failed,
    @Nullable Instant cancelAskedAt,
    @Nullable Decision decision,
    @Nullable Expired expired,
    @Nullable Execution execution,
    @Nullable Oversight reconciled,
    long version) {

  private static final Reason CONFLICT =
      new Reason(
          "conflict",
          "another action was proposed under this actionId before; propose this one under an id of"
              + " its own");

  /// An action that has just been taken in here.
  public static Progress received(ActionId actionId, Origin origin, Digest proposed) {
    return new Progress(
        actionId, origin, proposed, null, null, null, Set.of(), Set.of(), null, null, null, null,
        null, 1);
  }

  /// What the facts amount to. An execution says more than a decision and a decision more than a
  /// ticket, whichever came first.
  public Status status() {
    if (isConflict()) {
      return Status.REFUSED;
    }
    if (execution != null) {
      return switch (execution.status()) {
        case SUCCEEDED -> Status.SUCCEEDED;
        case FAILED -> Status.FAILED;
        case PRECONDITION_FAILED -> Status.PRECONDITION_FAILED;
        case REFUSED -> Status.REFUSED;
        case UNKNOWN -> Status.UNKNOWN;
      };
    }
    if (decision != null) {
      return switch (decision.outcome()) {
        case APPROVED -> Status.APPROVED;
        case REJECTED -> Status.REJECTED;
        case DENIED -> Status.DENIED;
        case CANCELLED -> Status.CANCELLED;
        case REFUSED -> Status.REFUSED;
      };
    }
    if (expired != null) {
      return Status.EXPIRED;
    }
    if (ticket != null) {
      return nobodyReached(ticket) ? Status.UNREACHABLE : Status.WAITING;
    }
    return Status.RECEIVED;
  }

  /// The states that it has passed, as far as is known, each once, earliest stage first and the
  /// present one last. Of `waiting` and `unreachable`, which may alternate, the present one counts.
  public List<Status> history() {
    Status now = status();
    List<Status> passed = new ArrayList<>();
    passed.add(Status.RECEIVED);
    if (!isConflict()) {
      if (ticket != null) {
        passed.add(Status.WAITING);
      }
      if (decision != null && decision.outcome() == Decision.Outcome.APPROVED) {
        passed.add(Status.APPROVED);
      }
    }
    if (!passed.contains(now)) {
      passed.add(now);
    }
    return passed;
  }

  /// The action that this id stands for; absent where only a later event has come, or where it was
  /// refused before a digest could be taken.
  public @Nullable Digest actionDigest() {
    return proposed != null ? proposed : answered();
  }

  /// The id was taken by another action. That one's answer and grant are not this proposer's: who
  /// asked for A must never read B's approval as its own.
  public boolean isConflict() {
    Digest answered = answered();
    return proposed != null && answered != null && !proposed.equals(answered);
  }

  /// What a person found where it was not certain how it ended; absent where nobody has looked. It
  /// goes before what the execution says, which something that was said later had contradicted.
  public Optional<Oversight.Reconciled> finding() {
    return !isConflict() && execution != null && reconciled != null
        ? Optional.ofNullable(reconciled.reconciled())
        : Optional.empty();
  }

  /// Whether a person must look first, and nobody has: what is known may still change.
  public boolean isToBeLookedInto() {
    return status() == Status.UNKNOWN && finding().isEmpty();
  }

  /// There is an answer, so cancelling comes too late.
  public boolean isAnswered() {
    return isConflict() || execution != null || decision != null || expired != null;
  }

  /// Why it ended or is as it is, where somebody gave a reason.
  public @Nullable Reason reason() {
    if (isConflict()) {
      return CONFLICT;
    }
    if (execution != null) {
      return execution.reason();
    }
    if (decision != null) {
      return decision.reason();
    }
    return expired == null ? null : expired.reason();
  }

  /// Whose answers these are, by whichever of them came first.
  private @Nullable Digest answered() {
    if (judged != null) {
      return judged;
    }
    if (decision != null && decision.actionDigest() != null) {
      return decision.actionDigest();
    }
    return execution == null ? null : execution.actionDigest();
  }

  /// Every approver has a message that failed and none that got through, and nobody has opened the
  /// ticket either. While one message is still on its way, there is hope.
  private boolean nobodyReached(TicketOpened open) {
    return seenAt == null
        && !open.approvers().isEmpty()
        && open.approvers().stream().allMatch(it -> failed.contains(it) && !reached.contains(it));
  }
}
