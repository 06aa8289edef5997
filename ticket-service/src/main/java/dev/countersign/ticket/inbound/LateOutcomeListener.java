package dev.countersign.ticket.inbound;

import dev.countersign.events.LateOutcome;
import dev.countersign.events.Topics;
import dev.countersign.messaging.Decoder;
import dev.countersign.messaging.Inbox;
import dev.countersign.ticket.application.RecordLateOutcomes;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

@ApplicationScoped
class LateOutcomeListener {

  private final Inbox inbox;
  private final RecordLateOutcomes record;

  @Inject
  LateOutcomeListener(Inbox inbox, RecordLateOutcomes record) {
    this.inbox = inbox;
    this.record = record;
  }

  @Incoming(Topics.LATE_OUTCOME)
  Uni<Void> on(ConsumerRecords<byte[], byte[]> batch) {
    return inbox.consume(batch, Decoder.of(LateOutcome.class), record);
  }
}
