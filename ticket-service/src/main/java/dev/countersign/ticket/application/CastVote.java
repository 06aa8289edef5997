package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Digest;
import dev.countersign.messaging.Batches;
import dev.countersign.messaging.Epochs;
import dev.countersign.messaging.Failures;
import dev.countersign.ticket.domain.Brakes;
import dev.countersign.ticket.domain.Command;
import dev.countersign.ticket.domain.Outcome;
import dev.countersign.ticket.domain.Pace;
import dev.countersign.ticket.domain.Proof;
import dev.countersign.ticket.domain.TrustWish;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// An approver answers a ticket.
@ApplicationScoped
public class CastVote {

  /// An answer as it was given, bound to what was shown.
  ///
  /// @param passkey the credential id of what signed it, or else of what began the session that
  ///   alone vouches for it; absent where no passkey is behind it
  public record Ballot(
      String approver,
      Assurance assurance,
      Answer answer,
      int version,
      Digest shown,
      Map<Integer, String> typed,
      @Nullable String reason,
      @Nullable Proof proof,
      @Nullable String passkey,
      @Nullable TrustWish trust) {

    /// Whether it permits more than its own action; a no permits nothing.
    boolean givesTrust() {
      return trust != null && answer == Answer.APPROVE;
    }

    /// Whether the passkey behind it, if there is one, is among these.
    boolean isProvenBy(Set<String> credentials) {
      return passkey == null || credentials.contains(passkey);
    }

    /// The same, for another reason.
    Ballot because(String other) {
      return new Ballot(
          approver, assurance, answer, version, shown, typed, other, proof, passkey, trust);
    }

    /// The same, signed by a passkey.
    public Ballot provenBy(Proof given) {
      return new Ballot(
          approver,
          Assurance.PASSKEY,
          answer,
          version,
          shown,
          typed,
          reason,
          given,
          given.assertion().credentialId(),
          trust);
    }
  }

  private static final int LARGEST_BATCH = 200;

  /// Of which at most so many are counted side by side.
  private static final int LANES = 2;

  /// How often a transaction begins anew that the database had give way to another.
  static final int NEW_BEGINNINGS = 3;

  private record Cast(ActionId id, Ballot ballot, CompletableFuture<Optional<Outcome>> answer) {}

  private final Epochs epochs;
  private final DecideTicket decide;
  private final Holds holds;
  private final Paces paces;
  private final Passkeys passkeys;
  private final Roster roster;
  private final Vertx vertx;
  private final Batches<Cast> batches;

  @Inject
  CastVote(
      Epochs epochs,
      DecideTicket decide,
      Holds holds,
      Paces paces,
      Passkeys passkeys,
      Roster roster,
      Vertx vertx) {
    this.epochs = epochs;
    this.decide = decide;
    this.holds = holds;
    this.paces = paces;
    this.passkeys = passkeys;
    this.roster = roster;
    this.vertx = vertx;
    this.batches = new Batches<>(vertx, LARGEST_BATCH, LANES, this::count);
  }

  /// What came of it; empty where there is no such ticket. Votes that come while others are being
  /// counted share the next transaction.
  public Uni<Optional<Outcome>> cast(ActionId id, Ballot ballot) {
    Cast cast = new Cast(id, ballot, new CompletableFuture<>());
    Context caller = vertx.getOrCreateContext();
    batches.add(cast);
    return Uni.createFrom()
        .completionStage(cast.answer)
        .emitOn(task -> caller.runOnContext(_ -> task.run()));
  }

  /// What came of each of these, which are answered at once: one transaction, and one that is
  /// refused does not spoil the others. Nothing where there is no such ticket.
  public Uni<Map<ActionId, Outcome>> castTogether(Map<ActionId, Ballot> ballots) {
    return epochs
        .inTransaction(session -> decide(session, ballots))
        .onFailure(Failures::gaveWay)
        .retry()
        .atMost(NEW_BEGINNINGS);
  }

  /// One vote a ticket and transaction; whoever answers the same ticket at the same time is next.
  private Uni<Void> count(List<Cast> batch) {
    Map<ActionId, Cast> now = new LinkedHashMap<>();
    List<Cast> next = new ArrayList<>();
    for (Cast each : batch) {
      if (now.putIfAbsent(each.id, each) != null) {
        next.add(each);
      }
    }
    return decide(List.copyOf(now.values()))
        .chain(() -> next.isEmpty() ? Uni.createFrom().voidItem() : count(next));
  }

  private Uni<Void> decide(List<Cast> casts) {
    Map<ActionId, Ballot> ballots = new HashMap<>();
    casts.forEach(each -> ballots.put(each.id, each.ballot));
    return castTogether(ballots)
        .invoke(outcomes ->
            casts.forEach(each -> each.answer.complete(Optional.ofNullable(outcomes.get(each.id)))))
        .replaceWithVoid()
        .onFailure()
        .recoverWithUni(failure -> apart(casts, failure));
  }

  /// What these did. From here on no hold comes upon the sessions that ask.
  private Uni<Map<ActionId, Outcome>> decide(
      Mutiny.StatelessSession session, Map<ActionId, Ballot> ballots) {
    return holds
        .shareOf(session, ballots.keySet())
        .chain(() -> commands(session, ballots))
        .chain(commands -> decide.decide(session, commands));
  }

  /// What these ballots ask of the tickets. From here on no passkey behind one is revoked before
  /// the transaction ends, and what is revoked already gives nothing.
  Uni<Map<ActionId, Function<Docket, Command.Vote>>> commands(
      Mutiny.StatelessSession session, Map<ActionId, Ballot> ballots) {
    return paces
        .of(session, hurried(ballots))
        .chain(paced ->
            passkeys
                .share(session, credentials(ballots))
                .map(confirmed -> {
                  Map<ActionId, Function<Docket, Command.Vote>> commands = new HashMap<>();
                  ballots.forEach((id, ballot) ->
                      commands.put(
                          id,
                          docket ->
                              command(
                                  docket,
                                  ballot,
                                  paced.getOrDefault(id, Pace.CALM),
                                  ballot.isProvenBy(confirmed))));
                  return commands;
                }));
  }

  private static Set<String> credentials(Map<ActionId, Ballot> ballots) {
    return ballots.values().stream()
        .flatMap(ballot -> Stream.ofNullable(ballot.passkey()))
        .collect(Collectors.toSet());
  }

  /// Those whose pace matters: a weaker yes does not open what is of high risk, and a no may be
  /// quick.
  private static Map<ActionId, String> hurried(Map<ActionId, Ballot> ballots) {
    Map<ActionId, String> hurried = new HashMap<>();
    ballots.forEach((id, ballot) -> {
      if (ballot.answer() == Answer.APPROVE && ballot.assurance() == Assurance.PASSKEY) {
        hurried.put(id, ballot.approver());
      }
    });
    return hurried;
  }

  /// Of votes that fail together each gets a transaction of its own: one must not spoil the others.
  private Uni<Void> apart(List<Cast> casts, Throwable failure) {
    boolean away = Failures.isAway(failure) && !Failures.gaveWay(failure);
    if (casts.size() == 1 || away) {
      casts.forEach(each -> each.answer.completeExceptionally(failure));
      return Uni.createFrom().voidItem();
    }
    return Multi.createFrom()
        .iterable(casts)
        .onItem()
        .transformToUniAndConcatenate(each -> decide(List.of(each)))
        .collect()
        .asList()
        .replaceWithVoid();
  }

  private Command.Vote command(Docket docket, Ballot ballot, Pace pace, boolean proven) {
    return new Command.Vote(
        docket.now(),
        ballot.approver(),
        ballot.assurance(),
        ballot.answer(),
        ballot.version(),
        ballot.shown(),
        ballot.typed(),
        ballot.reason(),
        ballot.proof(),
        ballot.passkey(),
        proven,
        roster.electorate(Objects.requireNonNull(docket.question()).action().agent(), docket.now()),
        new Brakes(docket.hold() != null, pace),
        ballot.trust());
  }
}
