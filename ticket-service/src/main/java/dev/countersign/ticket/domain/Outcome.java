package dev.countersign.ticket.domain;

import java.util.Optional;

/// What a command does to a ticket.
public sealed interface Outcome {

  /// A vote counts and more are needed; `votesSoFar` seats are filled.
  record Counted(Ticket.Pending ticket, Vote vote, int votesSoFar) implements Outcome {}

  /// This is the ticket's answer. `vote` is the one that brought it about, where one did.
  record Answered(Ticket ticket, Optional<Vote> vote, int votesSoFar) implements Outcome {}

  /// Nothing to do: it was done before, or it is not yet time.
  record Unchanged(Ticket ticket) implements Outcome {}

  /// An expected no, with its reason; the ticket stays as it is.
  record Refused(Refusal refusal) implements Outcome {}
}
