package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.messaging.Elections;
import dev.countersign.messaging.Epochs;
import dev.countersign.messaging.OwnContext;
import dev.countersign.ticket.domain.Command;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// Judges tickets anew that have votes enough and wait all the same: somebody had left the roster
/// when the last of them came, and is back; a stand-in's day has begun; a hold was lifted. Nobody
/// votes any more then, so nobody else would look before the deadline makes it a no.
///
/// One instance does it at a time, every few seconds, and looks only at pending tickets that
/// somebody has voted on. If the process dies, another instance goes on.
@ApplicationScoped
public class JudgeAnew {

  private static final int BATCH = 500;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Epochs epochs;
  private final Tickets tickets;
  private final Holds holds;
  private final DecideTicket decide;
  private final Roster roster;
  private final Elections elections;
  private final Vertx vertx;
  private final Duration every;

  @Inject
  JudgeAnew(
      Epochs epochs,
      Tickets tickets,
      Holds holds,
      DecideTicket decide,
      Roster roster,
      Elections elections,
      Vertx vertx,
      @ConfigProperty(name = "countersign.judging.every") Duration every) {
    this.epochs = epochs;
    this.tickets = tickets;
    this.holds = holds;
    this.decide = decide;
    this.roster = roster;
    this.elections = elections;
    this.vertx = vertx;
    this.every = every;
  }

  void onStart(@Observes StartupEvent event) {
    var _ = elections.start("judging", null, every, this::round);
  }

  /// All of them, a batch a transaction.
  private boolean round(Connection connection) {
    List<ActionId> judged = List.of();
    do {
      ActionId after = judged.isEmpty() ? null : judged.getLast();
      judged =
          Uni.createFrom()
              .deferred(() -> judge(after))
              .runSubscriptionOn(OwnContext.of(vertx.getOrCreateContext()))
              .await()
              .atMost(PATIENCE);
    } while (judged.size() == BATCH);
    return false;
  }

  /// Judges one batch, set-wise; which it was.
  private Uni<List<ActionId>> judge(@Nullable ActionId after) {
    return epochs.inTransaction(session ->
        tickets
            .votedEnough(session, after, BATCH)
            .call(ids ->
                ids.isEmpty()
                    ? Uni.createFrom().voidItem()
                    : holds
                        .shareOf(session, ids)
                        .chain(() -> decide.decide(session, commands(ids)))));
  }

  private Map<ActionId, Function<Docket, Command.Judge>> commands(List<ActionId> ids) {
    return ids.stream().collect(Collectors.toMap(Function.identity(), _ -> this::command));
  }

  private Command.Judge command(Docket docket) {
    return new Command.Judge(
        docket.now(),
        roster.electorate(Objects.requireNonNull(docket.question()).action().agent(), docket.now()),
        docket.hold() != null);
  }
}
