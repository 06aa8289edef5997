package dev.countersign.notifier.inbound;

import dev.countersign.events.TicketOpened;
import dev.countersign.events.Topics;
import dev.countersign.messaging.Decoder;
import dev.countersign.messaging.Inbox;
import dev.countersign.notifier.application.AskApprovers;
import dev.countersign.notifier.application.DeliverLetters;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/// `ticket-opened`.
@ApplicationScoped
class TicketOpenedListener {

  private final Inbox inbox;
  private final AskApprovers askApprovers;
  private final DeliverLetters deliverLetters;

  @Inject
  TicketOpenedListener(Inbox inbox, AskApprovers askApprovers, DeliverLetters deliverLetters) {
    this.inbox = inbox;
    this.askApprovers = askApprovers;
    this.deliverLetters = deliverLetters;
  }

  @Incoming(Topics.TICKET_OPENED)
  Uni<Void> on(ConsumerRecords<byte[], byte[]> batch) {
    return inbox
        .consume(batch, Decoder.of(TicketOpened.class), askApprovers::about)
        .invoke(deliverLetters::wake);
  }
}
