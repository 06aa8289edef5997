package dev.countersign.ticket.domain;

import dev.countersign.events.Reason;
import java.util.List;

/// Whether a ticket can open at all.
public sealed interface Opening {

  /// Enough people can answer: these.
  record Opens(List<String> approvers) implements Opening {
    public Opens {
      approvers = List.copyOf(approvers);
    }
  }

  /// Nobody could ever fill every seat, so waiting would only hide a no.
  record Unsatisfiable(Reason reason) implements Opening {}
}
