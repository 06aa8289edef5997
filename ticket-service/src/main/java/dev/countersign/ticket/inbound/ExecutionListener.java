package dev.countersign.ticket.inbound;

import dev.countersign.events.Execution;
import dev.countersign.events.Topics;
import dev.countersign.messaging.Decoder;
import dev.countersign.messaging.Inbox;
import dev.countersign.ticket.application.RecordExecutions;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

@ApplicationScoped
class ExecutionListener {

  private final Inbox inbox;
  private final RecordExecutions record;

  @Inject
  ExecutionListener(Inbox inbox, RecordExecutions record) {
    this.inbox = inbox;
    this.record = record;
  }

  @Incoming(Topics.EXECUTION)
  Uni<Void> on(ConsumerRecords<byte[], byte[]> batch) {
    return inbox.consume(batch, Decoder.of(Execution.class), record);
  }
}
