package dev.countersign.ticket.application;

import dev.countersign.events.Agent;
import dev.countersign.ticket.domain.Budget;
import java.time.Instant;
import java.util.List;

/// How much may be asked, by the operator's file as it stands now.
public interface Budgets {

  /// How many questions may reach this person in the week of this time.
  Budget weekly(String approver, Instant at);

  /// The same for everybody, in the order of the operator's file.
  List<Budget> weekly(Instant at);

  /// How many questions of this agent's may reach people in the hour of this time.
  Budget hourly(Agent agent, Instant at);

  /// Whether this person sees how much is asked of everybody: an admin, or one who answers for the
  /// rules.
  boolean seesAll(String approver);
}
