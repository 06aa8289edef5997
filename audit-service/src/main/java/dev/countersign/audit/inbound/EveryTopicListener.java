package dev.countersign.audit.inbound;

import dev.countersign.audit.application.AppendToLog;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/// Every topic but the log's own, as raw records: what nobody else can read is logged, too.
///
/// One consumer takes them all, and `application.properties` names them: with one each, the broker
/// would be asked fourteen times for what one question brings.
@ApplicationScoped
class EveryTopicListener {

  private final AppendToLog log;

  @Inject
  EveryTopicListener(AppendToLog log) {
    this.log = log;
  }

  @Incoming("every-topic")
  Uni<Void> everyTopic(ConsumerRecords<byte[], byte[]> batch) {
    return log.append(batch);
  }
}
