package dev.countersign.notifier.inbound;

import dev.countersign.events.EventJson;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Topics;
import dev.countersign.messaging.Envelope;
import dev.countersign.messaging.Inbox;
import dev.countersign.messaging.Rejected;
import dev.countersign.notifier.application.AskApprovers;
import dev.countersign.notifier.application.DeliverLetters;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/// `ticket-opened`. Whoever may write there could else have our own mail lead people to a page of
/// theirs: only a ticket that links to its own page is taken.
@ApplicationScoped
class TicketOpenedListener {

  private final Inbox inbox;
  private final AskApprovers askApprovers;
  private final DeliverLetters deliverLetters;
  private final String tickets;

  @Inject
  TicketOpenedListener(
      Inbox inbox,
      AskApprovers askApprovers,
      DeliverLetters deliverLetters,
      @ConfigProperty(name = "countersign.ticket.url") String url) {
    this.inbox = inbox;
    this.askApprovers = askApprovers;
    this.deliverLetters = deliverLetters;
    this.tickets = url + "/tickets/";
  }

  @Incoming(Topics.TICKET_OPENED)
  Uni<Void> on(ConsumerRecords<byte[], byte[]> batch) {
    return inbox.consume(batch, this::linked, askApprovers::about).invoke(deliverLetters::wake);
  }

  private TicketOpened linked(Envelope envelope) throws Rejected {
    TicketOpened ticket = EventJson.read(envelope.data(), TicketOpened.class);
    String page = tickets + ticket.actionId();
    if (!ticket.link().toString().equals(page)) {
      throw new Rejected(
          "link",
          "the link of this ticket is not its page "
              + page
              + "; give notifier and ticket-service the same countersign.ticket.url");
    }
    return ticket;
  }
}
