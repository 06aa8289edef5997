package dev.countersign.ticket.inbound;

import dev.countersign.events.ActionCancelled;
import dev.countersign.events.Topics;
import dev.countersign.messaging.Decoder;
import dev.countersign.messaging.Inbox;
import dev.countersign.ticket.application.CancelTickets;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

@ApplicationScoped
class ActionCancelledListener {

  private final Inbox inbox;
  private final CancelTickets cancel;

  @Inject
  ActionCancelledListener(Inbox inbox, CancelTickets cancel) {
    this.inbox = inbox;
    this.cancel = cancel;
  }

  @Incoming(Topics.ACTION_CANCELLED)
  Uni<Void> on(ConsumerRecords<byte[], byte[]> batch) {
    return inbox.consume(batch, Decoder.of(ActionCancelled.class), cancel);
  }
}
