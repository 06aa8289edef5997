package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Oversight;
import dev.countersign.events.Reason;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.UUID;
import org.hibernate.reactive.mutiny.Mutiny;

/// The kill switch. One person stops executions, of an agent, of a toolset or all, at once and
/// without asking anybody; lifting it is an action like any other, that two admins approve. Tickets
/// stay as they are: people may answer, and what they approve is not executed.
@ApplicationScoped
public class FreezeExecutions {

  /// The longest reason, in characters.
  public static final int LONGEST = Oversight.Frozen.LONGEST;

  /// How many a page shows.
  public static final int MOST = 50;

  private final Mutiny.SessionFactory sessions;
  private final Freezes freezes;
  private final Outbox outbox;

  @Inject
  FreezeExecutions(Mutiny.SessionFactory sessions, Freezes freezes, Outbox outbox) {
    this.sessions = sessions;
    this.freezes = freezes;
    this.outbox = outbox;
  }

  /// Freezes, and says under which id. The executor hears of it within moments.
  ///
  /// Throws `IllegalArgumentException`, with a sentence, where the reason is missing or too long.
  ///
  /// @param by an admin's id, or `operator`
  public Uni<ActionId> freeze(Oversight.Frozen frozen, String by, String reason) {
    if (reason.isBlank()
        || reason.codePointCount(0, reason.length()) > LONGEST
        || reason.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("say why, in a line of 1 to " + LONGEST + " characters");
    }
    ActionId id = new ActionId(UUID.randomUUID());
    return sessions.withStatelessTransaction(session ->
        freezes
            .add(session, id, frozen, by, reason)
            .chain(at ->
                outbox.append(
                    session,
                    List.of(
                        new Outgoing(
                            Oversight.ofFreeze(id, at, by, new Reason("frozen", reason), frozen),
                            null))))
            .replaceWith(id));
  }

  /// Those in force and the last that were lifted.
  public Uni<List<Freezes.Freeze>> all() {
    return sessions.withStatelessSession(session -> freezes.find(session, MOST));
  }
}
