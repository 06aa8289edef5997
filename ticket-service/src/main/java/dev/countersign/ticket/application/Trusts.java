package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.StandingPermission;
import dev.countersign.events.Trust;
import dev.countersign.ticket.domain.Outcome;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.SessionTrust;
import dev.countersign.ticket.domain.Vote;
import io.smallrye.mutiny.Uni;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// The standing permissions. Everything happens within the caller's transaction, and by the
/// database's clock. Whoever locks more than these takes the sessions' locks first ({@link Holds}),
/// then these, then passkeys, then tickets that others see too: as a vote and a revocation take
/// theirs, so that nobody waits in a ring.
public interface Trusts {

  /// How many of its uses are shown with a permission.
  int MOST_USES = 20;

  /// A permission that was given along with a vote.
  record Given(Docket docket, Vote vote, StandingPermission permission) {

    /// Those that were given by what was decided.
    static List<Given> in(List<Tickets.Decided> decided) {
      return decided.stream().flatMap(Given::in).toList();
    }

    private static Stream<Given> in(Tickets.Decided decided) {
      return decided.outcome() instanceof Outcome.Answered answered
          ? answered.vote().stream()
              .filter(vote -> vote.trust() != null)
              .map(vote -> new Given(decided.docket(), vote, Objects.requireNonNull(vote.trust())))
          : Stream.empty();
    }

    /// The question at which it was given.
    public Question question() {
      return Objects.requireNonNull(docket.question(), "a vote answers a question");
    }

    Trust event() {
      SessionTrust trust =
          new SessionTrust(
              docket.actionId(),
              permission,
              vote,
              SessionTrust.labels(question().prompt()),
              0,
              BigDecimal.ZERO,
              false,
              true);
      return Trusts.event(docket.actionId(), vote.at(), Trust.Change.GRANTED, trust, null);
    }
  }

  /// A use of one.
  record Use(ActionId actionId, String title, Instant at, @Nullable BigDecimal amount) {}

  /// One with all that a person sees of it.
  ///
  /// @param asks the groups that were asked where it was given; whoever is of one may end it
  /// @param title what was asked there
  /// @param uses the latest first, {@link #MOST_USES} at most
  record Shown(
      SessionTrust trust,
      Set<String> asks,
      String title,
      @Nullable Instant revokedAt,
      @Nullable String revokedBy,
      List<Use> uses) {
    public Shown {
      asks = Set.copyOf(asks);
      uses = List.copyOf(uses);
    }
  }

  Uni<Void> grant(Mutiny.StatelessSession session, List<Given> given);

  /// Those that are in force for the sessions of these agents, the oldest first, and locked until
  /// the transaction ends, so that two uses at once never overrun a bound. No passkey that gave one
  /// is revoked before then either: a use and a revocation come one after the other.
  Uni<List<SessionTrust>> lock(Mutiny.StatelessSession session, Collection<Agent> agents);

  /// Notes what has been used of these.
  Uni<Void> use(Mutiny.StatelessSession session, Collection<SessionTrust> used);

  /// Those that `approver` gave, or that people of these groups could have given, or all; in force
  /// or ended within the last week, the latest first.
  Uni<List<Shown>> find(
      Mutiny.StatelessSession session, String approver, Set<String> groups, boolean all, int most);

  /// One of them, locked until the transaction ends.
  Uni<Optional<Shown>> lock(Mutiny.StatelessSession session, ActionId id);

  /// All that are in force, by their ids.
  Uni<List<ActionId>> inForce(Mutiny.StatelessSession session);

  Uni<Void> revoke(Mutiny.StatelessSession session, ActionId id, String by);

  /// What happened to one.
  static Trust event(
      ActionId actionId, Instant at, Trust.Change change, SessionTrust trust, @Nullable String by) {
    StandingPermission permission = trust.permission();
    boolean granted = change == Trust.Change.GRANTED;
    return new Trust(
        actionId,
        at,
        change,
        trust.vote().approver(),
        permission.agent(),
        permission.tool(),
        new Trust.Bounds(permission.calls(), permission.sum(), trust.until(), inWords(permission)),
        trust.id(),
        granted ? permission : null,
        granted
            ? null
            : new Trust.Used(
                trust.calls(), permission.sum() == null ? null : trust.sum().toPlainString()),
        by);
  }

  /// The condition that a person reads: the policy's, and what must stay the same.
  static @Nullable String inWords(StandingPermission permission) {
    String words =
        Stream.concat(
                Stream.ofNullable(permission.condition()),
                permission.same().stream().map(each -> each.label() + " is " + each.value()))
            .collect(Collectors.joining("; "));
    return words.isEmpty() ? null : words;
  }
}
