package dev.countersign.ticket.application;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/// What people answered, looked back upon.
public interface Answers {

  /// How rules were answered.
  ///
  /// @param rules those that were answered most, by their ids
  /// @param more how many others were answered
  record ByRule(List<RuleAnswers> rules, int more) {
    public ByRule {
      rules = List.copyOf(rules);
    }
  }

  /// By rule, over the time that has just passed.
  Uni<ByRule> byRule(Mutiny.StatelessSession session, Duration past, int atMost);
}
