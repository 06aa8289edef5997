package dev.countersign.executor.inbound;

import dev.countersign.events.Oversight;
import dev.countersign.events.Topics;
import dev.countersign.executor.application.TakeFreezes;
import dev.countersign.messaging.Decoder;
import dev.countersign.messaging.Inbox;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

@ApplicationScoped
class OversightListener {

  private final Inbox inbox;
  private final TakeFreezes take;

  @Inject
  OversightListener(Inbox inbox, TakeFreezes take) {
    this.inbox = inbox;
    this.take = take;
  }

  @Incoming(Topics.OVERSIGHT)
  Uni<Void> on(ConsumerRecords<byte[], byte[]> batch) {
    return inbox.consume(batch, Decoder.of(Oversight.class), take);
  }
}
