package dev.countersign.gateway.inbound;

import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.Event;
import dev.countersign.events.Execution;
import dev.countersign.events.Expired;
import dev.countersign.events.Notification;
import dev.countersign.events.Oversight;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.TicketSeen;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.gateway.application.Actions;
import dev.countersign.gateway.application.FollowActions;
import dev.countersign.messaging.Decoder;
import dev.countersign.messaging.Handler;
import dev.countersign.messaging.Inbox;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/// Hears what the others say about actions, and wakes those who wait for it once it is committed.
@ApplicationScoped
class ProgressListener {

  private final Inbox inbox;
  private final Actions actions;
  private final FollowActions followActions;

  @Inject
  ProgressListener(Inbox inbox, Actions actions, FollowActions followActions) {
    this.inbox = inbox;
    this.actions = actions;
    this.followActions = followActions;
  }

  @Incoming(Topics.VERDICT)
  Uni<Void> onVerdict(ConsumerRecords<byte[], byte[]> batch) {
    return hear(batch, Verdict.class, actions::verdicts);
  }

  @Incoming(Topics.TICKET_OPENED)
  Uni<Void> onTicketOpened(ConsumerRecords<byte[], byte[]> batch) {
    return hear(batch, TicketOpened.class, actions::ticketsOpened);
  }

  @Incoming(Topics.TICKET_SEEN)
  Uni<Void> onTicketSeen(ConsumerRecords<byte[], byte[]> batch) {
    return hear(batch, TicketSeen.class, actions::ticketsSeen);
  }

  @Incoming(Topics.DECISION)
  Uni<Void> onDecision(ConsumerRecords<byte[], byte[]> batch) {
    return hear(batch, Decision.class, actions::decisions);
  }

  @Incoming(Topics.EXPIRED)
  Uni<Void> onExpired(ConsumerRecords<byte[], byte[]> batch) {
    return hear(batch, Expired.class, actions::expired);
  }

  @Incoming(Topics.EXECUTION)
  Uni<Void> onExecution(ConsumerRecords<byte[], byte[]> batch) {
    return hear(batch, Execution.class, actions::executions);
  }

  @Incoming(Topics.NOTIFICATION)
  Uni<Void> onNotification(ConsumerRecords<byte[], byte[]> batch) {
    return hear(batch, Notification.class, actions::notifications);
  }

  /// Of it only what people found out about actions.
  @Incoming(Topics.OVERSIGHT)
  Uni<Void> onOversight(ConsumerRecords<byte[], byte[]> batch) {
    return hear(
        batch,
        Oversight.class,
        (session, events) ->
            actions.reconciled(
                session,
                events.stream().filter(each -> each.event().reconciled() != null).toList()));
  }

  private <E extends Event> Uni<Void> hear(
      ConsumerRecords<byte[], byte[]> batch, Class<E> type, Handler<E> handler) {
    Set<ActionId> heard = ConcurrentHashMap.newKeySet();
    Handler<E> noting =
        (session, events) -> {
          events.forEach(it -> heard.add(it.event().actionId()));
          return handler.handle(session, events);
        };
    return inbox
        .consume(batch, Decoder.of(type), noting)
        .invoke(() -> followActions.changed(heard));
  }
}
