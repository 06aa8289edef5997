package dev.countersign.ticket.application;

import dev.countersign.events.Expired;
import dev.countersign.messaging.Elections;
import dev.countersign.messaging.Epochs;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.messaging.OwnContext;
import dev.countersign.ticket.domain.TicketMachine;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.postgresql.PGConnection;

/// Turns tickets whose deadline has passed into the answer no, and has the next of a question reach
/// people where that could not be as the first ended. One instance does it at a time. It sleeps
/// until the next deadline, which is the first entry of an index of pending tickets, so its cost
/// does not grow with how many there are.
///
/// If the process dies, another instance's lock attempt succeeds and it goes on; a vote that comes
/// in between finds the deadline passed and expires the ticket itself.
@ApplicationScoped
public class ExpireTickets {

  private static final Duration RATHER_NOT_BEFORE = Duration.ofMillis(20);

  /// What opens a ticket with a nearer deadline notifies this.
  public static final String CHANNEL = "ticket_deadlines";

  private static final int BATCH = 500;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Epochs epochs;
  private final Tickets tickets;
  private final Outbox outbox;
  private final AskNext askNext;
  private final Elections elections;
  private final Vertx vertx;
  private final boolean enabled;
  private final Duration look;

  /// @param look the longest sleep; a deadline further away than this needs no wake-up of its own
  @Inject
  ExpireTickets(
      Epochs epochs,
      Tickets tickets,
      Outbox outbox,
      AskNext askNext,
      Elections elections,
      Vertx vertx,
      @ConfigProperty(name = "countersign.expiry.enabled", defaultValue = "true") boolean enabled,
      @ConfigProperty(name = "countersign.expiry.look") Duration look) {
    this.epochs = epochs;
    this.tickets = tickets;
    this.outbox = outbox;
    this.askNext = askNext;
    this.elections = elections;
    this.vertx = vertx;
    this.enabled = enabled;
    this.look = look;
  }

  /// Whether what opens now with this deadline has to wake the task, which may sleep beyond it.
  boolean isSoon(Instant now, Instant deadline) {
    return Duration.between(now, deadline).compareTo(look) <= 0;
  }

  void onStart(@Observes StartupEvent event) {
    if (enabled) {
      var _ = elections.start("expiry", CHANNEL, look, this::round);
    }
  }

  private boolean round(Connection connection) throws SQLException {
    int expired =
        Uni.createFrom()
            .deferred(this::expire)
            .runSubscriptionOn(OwnContext.of(vertx.getOrCreateContext()))
            .await()
            .atMost(PATIENCE);
    if (expired == BATCH) {
      return true;
    }
    long millis = untilNext(connection);
    if (millis >= look.toMillis()) {
      return false;
    }
    // What is due and still there is being answered this moment, and its row held. So is what is
    // unasked; to look after that is a transaction that writes, so not as often.
    long wait = Math.max(RATHER_NOT_BEFORE.toMillis(), millis);
    connection.unwrap(PGConnection.class).getNotifications((int) wait);
    return true;
  }

  /// Expires one batch, set-wise; how many it was.
  public Uni<Integer> expire() {
    return epochs.inTransaction(session ->
        tickets
            .expire(session, BATCH)
            .chain(lapsed ->
                outbox
                    .append(
                        session,
                        lapsed.stream()
                            .map(each ->
                                new Outgoing(
                                    new Expired(
                                        each.actionId(), each.at(), TicketMachine.DEADLINE_PASSED),
                                    each.traceparent()))
                            .toList())
                    .chain(() ->
                        askNext.afterAndBefore(
                            session, lapsed.stream().map(Tickets.Lapsed::actionId).toList(), BATCH))
                    .replaceWith(lapsed.size())));
  }

  private static long untilNext(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select least(case when exists (select 1 from unasked) then 250 end,"
                    + " ceil(extract(epoch from min(expires_at) - clock_timestamp()) * 1000))"
                    + " from ticket where state = 'pending'")) {
      row.next();
      long millis = row.getLong(1);
      return row.wasNull() ? Long.MAX_VALUE : millis;
    }
  }
}
