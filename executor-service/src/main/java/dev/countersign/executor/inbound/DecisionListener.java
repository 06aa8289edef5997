package dev.countersign.executor.inbound;

import dev.countersign.events.Topics;
import dev.countersign.executor.application.RunExecutions;
import dev.countersign.executor.application.TakeDecisions;
import dev.countersign.executor.application.VerifyDecision;
import dev.countersign.messaging.Inbox;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

@ApplicationScoped
class DecisionListener {

  private final Inbox inbox;
  private final VerifyDecision verify;
  private final TakeDecisions take;
  private final RunExecutions run;

  @Inject
  DecisionListener(Inbox inbox, VerifyDecision verify, TakeDecisions take, RunExecutions run) {
    this.inbox = inbox;
    this.verify = verify;
    this.take = take;
    this.run = run;
  }

  @Incoming(Topics.DECISION)
  Uni<Void> on(ConsumerRecords<byte[], byte[]> batch) {
    return inbox.consume(batch, verify, take).invoke(run::wake);
  }
}
