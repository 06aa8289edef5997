package dev.countersign.audit.inbound;

import dev.countersign.audit.application.AppendToLog;
import dev.countersign.events.Topics;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/// Every topic but the log's own, as raw records: what nobody else can read is logged, too.
@ApplicationScoped
class EveryTopicListener {

  private final AppendToLog log;

  @Inject
  EveryTopicListener(AppendToLog log) {
    this.log = log;
  }

  @Incoming(Topics.ACTION_PROPOSED)
  Uni<Void> actionProposed(ConsumerRecords<byte[], byte[]> batch) {
    return log.append(batch);
  }

  @Incoming(Topics.ACTION_CANCELLED)
  Uni<Void> actionCancelled(ConsumerRecords<byte[], byte[]> batch) {
    return log.append(batch);
  }

  @Incoming(Topics.VERDICT)
  Uni<Void> verdict(ConsumerRecords<byte[], byte[]> batch) {
    return log.append(batch);
  }

  @Incoming(Topics.TICKET_OPENED)
  Uni<Void> ticketOpened(ConsumerRecords<byte[], byte[]> batch) {
    return log.append(batch);
  }

  @Incoming(Topics.TICKET_SEEN)
  Uni<Void> ticketSeen(ConsumerRecords<byte[], byte[]> batch) {
    return log.append(batch);
  }

  @Incoming(Topics.VOTE_SUBMITTED)
  Uni<Void> voteSubmitted(ConsumerRecords<byte[], byte[]> batch) {
    return log.append(batch);
  }

  @Incoming(Topics.VOTE_RECORDED)
  Uni<Void> voteRecorded(ConsumerRecords<byte[], byte[]> batch) {
    return log.append(batch);
  }

  @Incoming(Topics.DECISION)
  Uni<Void> decision(ConsumerRecords<byte[], byte[]> batch) {
    return log.append(batch);
  }

  @Incoming(Topics.EXPIRED)
  Uni<Void> expired(ConsumerRecords<byte[], byte[]> batch) {
    return log.append(batch);
  }

  @Incoming(Topics.TRUST)
  Uni<Void> trust(ConsumerRecords<byte[], byte[]> batch) {
    return log.append(batch);
  }

  @Incoming(Topics.OVERSIGHT)
  Uni<Void> oversight(ConsumerRecords<byte[], byte[]> batch) {
    return log.append(batch);
  }

  @Incoming(Topics.NOTIFICATION)
  Uni<Void> notification(ConsumerRecords<byte[], byte[]> batch) {
    return log.append(batch);
  }

  @Incoming(Topics.EXECUTION)
  Uni<Void> execution(ConsumerRecords<byte[], byte[]> batch) {
    return log.append(batch);
  }

  @Incoming(Topics.DEAD_LETTER)
  Uni<Void> deadLetter(ConsumerRecords<byte[], byte[]> batch) {
    return log.append(batch);
  }
}
