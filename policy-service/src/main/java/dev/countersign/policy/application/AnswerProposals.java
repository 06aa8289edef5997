package dev.countersign.policy.application;

import dev.countersign.messaging.Inbox;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.kafka.clients.consumer.ConsumerRecords;

/// Judges a batch of proposals and answers each action once.
@ApplicationScoped
public class AnswerProposals {

  private final Inbox inbox;
  private final JudgeProposals judge;
  private final AnswerOnce answer;

  @Inject
  AnswerProposals(Inbox inbox, JudgeProposals judge, AnswerOnce answer) {
    this.inbox = inbox;
    this.judge = judge;
    this.answer = answer;
  }

  public Uni<Void> of(ConsumerRecords<byte[], byte[]> batch) {
    return inbox.consume(batch, judge, answer);
  }
}
