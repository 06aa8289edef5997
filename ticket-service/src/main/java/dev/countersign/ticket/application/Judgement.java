package dev.countersign.ticket.application;

import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Batch;
import dev.countersign.events.Card;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.Reason;
import dev.countersign.events.Verdict;
import dev.countersign.ticket.domain.Question;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a verdict comes to here.
public sealed interface Judgement {

  ActionId actionId();

  /// Absent where the proposal was such that none could be taken.
  @Nullable Digest actionDigest();

  /// Absent where the proposal was such that none could be read.
  @Nullable Action action();

  /// What it was proposed in, where it was not by itself.
  default @Nullable Batch batch() {
    return null;
  }

  /// People are asked: `approvers`.
  ///
  /// @param question what is asked, whatever its id: {@link Question#digestOf}
  record Opens(
      Verdict.ApprovalRequired verdict,
      Digest promptDigest,
      Card card,
      Digest question,
      List<String> approvers)
      implements Judgement {
    public Opens {
      approvers = List.copyOf(approvers);
    }

    @Override
    public @Nullable Batch batch() {
      return verdict.batch();
    }

    /// What the ticket is to be answered together with; absent where it is asked about alone.
    public @Nullable Batch together() {
      return Boolean.TRUE.equals(verdict.alone()) ? null : verdict.batch();
    }

    @Override
    public ActionId actionId() {
      return verdict.actionId();
    }

    @Override
    public Digest actionDigest() {
      return verdict.actionDigest();
    }

    @Override
    public Action action() {
      return verdict.action();
    }
  }

  /// It may run at once.
  record Allows(Verdict.Allowed verdict, Reason reason) implements Judgement {
    @Override
    public @Nullable Batch batch() {
      return verdict.batch();
    }

    @Override
    public ActionId actionId() {
      return verdict.actionId();
    }

    @Override
    public Digest actionDigest() {
      return verdict.actionDigest();
    }

    @Override
    public Action action() {
      return verdict.action();
    }
  }

  /// It may not, and no person is asked.
  record SaysNo(
      ActionId actionId,
      @Nullable Digest actionDigest,
      @Nullable Action action,
      Decision.Outcome outcome,
      Reason reason,
      @Nullable Batch batch)
      implements Judgement {}
}
