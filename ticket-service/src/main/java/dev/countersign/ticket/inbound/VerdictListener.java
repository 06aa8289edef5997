package dev.countersign.ticket.inbound;

import dev.countersign.events.Topics;
import dev.countersign.messaging.Inbox;
import dev.countersign.ticket.application.AnswerVerdicts;
import dev.countersign.ticket.application.JudgeVerdicts;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

@ApplicationScoped
class VerdictListener {

  private final Inbox inbox;
  private final JudgeVerdicts judge;
  private final AnswerVerdicts answer;

  @Inject
  VerdictListener(Inbox inbox, JudgeVerdicts judge, AnswerVerdicts answer) {
    this.inbox = inbox;
    this.judge = judge;
    this.answer = answer;
  }

  @Incoming(Topics.VERDICT)
  Uni<Void> on(ConsumerRecords<byte[], byte[]> batch) {
    return inbox.consume(batch, judge, answer);
  }
}
