package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Digest;
import dev.countersign.ticket.domain.Command;
import dev.countersign.ticket.domain.Outcome;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// An approver answers a ticket.
@ApplicationScoped
public class CastVote {

  /// An answer as it was given, bound to what was shown.
  public record Ballot(
      String approver,
      Assurance assurance,
      Answer answer,
      int version,
      Digest shown,
      Map<Integer, String> typed,
      @Nullable String reason) {}

  private final Mutiny.SessionFactory sessions;
  private final DecideTicket decide;
  private final Roster roster;

  @Inject
  CastVote(Mutiny.SessionFactory sessions, DecideTicket decide, Roster roster) {
    this.sessions = sessions;
    this.decide = decide;
    this.roster = roster;
  }

  /// What came of it; empty where there is no such ticket.
  public Uni<Optional<Outcome>> cast(ActionId id, Ballot ballot) {
    return sessions.withStatelessTransaction(
        session -> decide.decide(session, id, docket -> command(docket, ballot)));
  }

  private Command command(Docket docket, Ballot ballot) {
    return new Command.Vote(
        docket.now(),
        ballot.approver(),
        ballot.assurance(),
        ballot.answer(),
        ballot.version(),
        ballot.shown(),
        ballot.typed(),
        ballot.reason(),
        roster.electorate(
            Objects.requireNonNull(docket.question()).action().agent(), docket.now()));
  }
}
