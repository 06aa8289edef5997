package dev.countersign.ticket.domain;

import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import java.util.List;

/// A ticket that is about to open, whose approvers may be told of it.
///
/// @param question what is asked, whatever its id: {@link Question#digestOf}
/// @param agent the budget of the agent that asks
/// @param approvers those who may answer, each with their budget
public record Asking(ActionId actionId, Digest question, Budget agent, List<Budget> approvers) {
  public Asking {
    approvers = List.copyOf(approvers);
  }
}
