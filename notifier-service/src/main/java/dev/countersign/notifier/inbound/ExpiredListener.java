package dev.countersign.notifier.inbound;

import dev.countersign.events.Expired;
import dev.countersign.events.Topics;
import dev.countersign.messaging.Decoder;
import dev.countersign.messaging.Inbox;
import dev.countersign.notifier.application.DeliverLetters;
import dev.countersign.notifier.application.TellAnswer;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/// `expired`.
@ApplicationScoped
class ExpiredListener {

  private final Inbox inbox;
  private final TellAnswer tellAnswer;
  private final DeliverLetters deliverLetters;

  @Inject
  ExpiredListener(Inbox inbox, TellAnswer tellAnswer, DeliverLetters deliverLetters) {
    this.inbox = inbox;
    this.tellAnswer = tellAnswer;
    this.deliverLetters = deliverLetters;
  }

  @Incoming(Topics.EXPIRED)
  Uni<Void> on(ConsumerRecords<byte[], byte[]> batch) {
    return inbox
        .consume(batch, Decoder.of(Expired.class), tellAnswer::ofExpiry)
        .invoke(deliverLetters::wake);
  }
}
