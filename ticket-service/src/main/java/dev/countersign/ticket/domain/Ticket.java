package dev.countersign.ticket.domain;

import dev.countersign.events.ActionId;
import dev.countersign.events.Reason;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The durable question about one action, in one of its states.
///
/// ```
///                 ┌── every seat filled ──► Approved
///                 ├── a session's trust ──► Approved
///                 ├── one rejection ──────► Rejected
/// open ──► Pending┤
///                 ├── the deadline ───────► Expired
///                 └── taken back ─────────► Cancelled
/// ```
///
/// What is not pending never changes. Past the deadline only `Expired` can follow.
public sealed interface Ticket {

  ActionId actionId();

  /// Waits for people. `version` counts the changes since it opened; a vote says which it saw.
  /// `votes` are all that were counted, also those that stand no more.
  record Pending(ActionId actionId, int version, Question question, List<Vote> votes)
      implements Ticket {
    public Pending {
      votes = List.copyOf(votes);
    }

    boolean isDue(Instant at) {
      return !at.isBefore(question.expiresAt());
    }

    /// Those that count.
    List<Vote> standing() {
      return votes.stream().filter(Vote::stands).toList();
    }

    boolean hasVoteOf(String approver) {
      return standing().stream().anyMatch(vote -> vote.approver().equals(approver));
    }

    List<Vote> votesOfOthers(String approver) {
      return standing().stream().filter(vote -> !vote.approver().equals(approver)).toList();
    }
  }

  /// Every seat is filled; `votes` are those that fill them. `trust` names the standing permission
  /// where one was used, and the vote is then the one that gave it.
  record Approved(
      ActionId actionId, Instant at, Reason reason, List<Vote> votes, @Nullable ActionId trust)
      implements Ticket {

    /// Approved by people who looked at this very action.
    public Approved(ActionId actionId, Instant at, Reason reason, List<Vote> votes) {
      this(actionId, at, reason, votes, null);
    }

    public Approved {
      votes = List.copyOf(votes);
    }
  }

  /// One approver said no; `reason` is their guidance to the agent.
  record Rejected(ActionId actionId, Instant at, Reason reason, String by) implements Ticket {}

  /// Nobody answered in time, so the answer is no.
  record Expired(ActionId actionId, Instant at, Reason reason) implements Ticket {}

  /// The proposer took it back before it was answered.
  record Cancelled(ActionId actionId, Instant at, Reason reason) implements Ticket {}
}
