package dev.countersign.executor.application;

import dev.countersign.events.ActionId;
import dev.countersign.executor.domain.Outcome;
import io.smallrye.mutiny.Uni;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/// What is frozen. Whatever claims or redeems asks in the same statement: what has not begun as a
/// freeze commits does not begin, and what was claimed and has not been sent yet is not sent; but
/// for what such a statement has in hand at that moment. What was sent goes on to its end.
public interface Freezes {

  /// Puts these in force in the session's transaction; those known already stay as they are.
  Uni<Void> enter(Mutiny.StatelessSession session, List<Freeze> freezes);

  /// Those in force, the oldest first.
  Uni<List<Freeze>> inForce();

  /// Lifts a freeze by an approved action that names it and says what it freezes, as its approvers
  /// were shown. Lifting again changes nothing.
  ///
  /// @param words what is frozen, as in [dev.countersign.events.Oversight.Frozen#words]
  Uni<Outcome> lift(ActionId freeze, String words, ActionId by);
}
