package dev.countersign.notifier.inbound;

import dev.countersign.events.Decision;
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

/// `decision`.
@ApplicationScoped
class DecisionListener {

  private final Inbox inbox;
  private final TellAnswer tellAnswer;
  private final DeliverLetters deliverLetters;

  @Inject
  DecisionListener(Inbox inbox, TellAnswer tellAnswer, DeliverLetters deliverLetters) {
    this.inbox = inbox;
    this.tellAnswer = tellAnswer;
    this.deliverLetters = deliverLetters;
  }

  @Incoming(Topics.DECISION)
  Uni<Void> on(ConsumerRecords<byte[], byte[]> batch) {
    return inbox
        .consume(batch, Decoder.of(Decision.class), tellAnswer::ofDecisions)
        .invoke(deliverLetters::wake);
  }
}
