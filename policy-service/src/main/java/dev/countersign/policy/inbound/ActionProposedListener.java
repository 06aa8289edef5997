package dev.countersign.policy.inbound;

import dev.countersign.events.Topics;
import dev.countersign.policy.application.AnswerProposals;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/// Takes proposals off the topic.
@ApplicationScoped
class ActionProposedListener {

  private final AnswerProposals answer;

  @Inject
  ActionProposedListener(AnswerProposals answer) {
    this.answer = answer;
  }

  @Incoming(Topics.ACTION_PROPOSED)
  Uni<Void> on(ConsumerRecords<byte[], byte[]> batch) {
    return answer.of(batch);
  }
}
