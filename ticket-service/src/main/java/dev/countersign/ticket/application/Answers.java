package dev.countersign.ticket.application;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/// What people answered, looked back upon.
public interface Answers {

  /// By rule, over the time that has just passed.
  Uni<List<RuleAnswers>> byRule(Mutiny.StatelessSession session, Duration past);
}
