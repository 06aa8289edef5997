package dev.countersign.audit.application;

import io.smallrye.common.annotation.Identifier;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Kafka's own word on what it has. It blocks: ask it at start, or from an elected task.
@ApplicationScoped
class Broker {

  private static final Logger LOG = Logger.getLogger(Broker.class);
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final Duration POLL = Duration.ofMillis(200);

  /// What a partition has.
  ///
  /// @param topicId a topic that is made anew has another
  /// @param beginning the offset of the first record that is still there
  /// @param past the offset that the next record will have
  record Extent(String topicId, long beginning, long past) {}

  private final Map<String, Object> connection;
  private @Nullable Admin admin;

  @Inject
  Broker(@Identifier("default-kafka-broker") Map<String, Object> connection) {
    this.connection = connection;
  }

  /// Of the topics that there are.
  Map<TopicPartition, Extent> extents(Set<String> topics)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<TopicPartition, String> ids = partitions(topics);
    Map<TopicPartition, ListOffsetsResultInfo> beginnings = offsets(ids, OffsetSpec.earliest());
    Map<TopicPartition, ListOffsetsResultInfo> ends = offsets(ids, OffsetSpec.latest());
    Map<TopicPartition, Extent> extents = new HashMap<>();
    ids.forEach((partition, id) -> {
      ListOffsetsResultInfo beginning = beginnings.get(partition);
      ListOffsetsResultInfo end = ends.get(partition);
      if (beginning != null && end != null) {
        extents.put(partition, new Extent(id, beginning.offset(), end.offset()));
      }
    });
    return extents;
  }

  private Map<TopicPartition, String> partitions(Set<String> topics)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<TopicPartition, String> ids = new HashMap<>();
    for (Map.Entry<String, KafkaFuture<TopicDescription>> each :
        admin().describeTopics(topics).topicNameValues().entrySet()) {
      try {
        TopicDescription topic = each.getValue().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        topic
            .partitions()
            .forEach(partition ->
                ids.put(
                    new TopicPartition(topic.name(), partition.partition()),
                    topic.topicId().toString()));
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw e;
        }
        // Of a topic that is not there nothing can be asked; the page says when it was asked last.
        LOG.warnf("A topic is not there topic=%s", each.getKey());
      }
    }
    return ids;
  }

  private Map<TopicPartition, ListOffsetsResultInfo> offsets(
      Map<TopicPartition, String> partitions, OffsetSpec which)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    partitions.keySet().forEach(partition -> asked.put(partition, which));
    // As it is read: behind an open transaction there is nothing yet.
    return admin()
        .listOffsets(asked, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
        .all()
        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /// Hands on, in order, what still stands at these offsets, and returns how many records that
  /// were.
  ///
  /// @param past at most the end: it reads until it is there
  long read(
      TopicPartition partition,
      long first,
      long past,
      Consumer<ConsumerRecords<byte[], byte[]>> batches)
      throws TimeoutException {
    long[] found = {0};
    walk(
        partition,
        first,
        past,
        records -> {
          batches.accept(new ConsumerRecords<>(Map.of(partition, records), Map.of()));
          found[0] += records.size();
          return true;
        });
    return found[0];
  }

  /// Whether no record stands at these offsets: marks of transactions alone, or what was compacted.
  boolean isEmpty(TopicPartition partition, long first, long past) throws TimeoutException {
    return walk(partition, first, past, _ -> false);
  }

  /// Reads until it is there, or until it is told to stop; whether it got there.
  private boolean walk(
      TopicPartition partition,
      long first,
      long past,
      Predicate<List<ConsumerRecord<byte[], byte[]>>> goOn)
      throws TimeoutException {
    Map<String, Object> settings = new HashMap<>(connection);
    settings.remove("group.id");
    settings.put("enable.auto.commit", false);
    settings.put("auto.offset.reset", "earliest");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, first);
      long until = System.nanoTime() + PATIENCE.toNanos();
      while (consumer.position(partition) < past) {
        List<ConsumerRecord<byte[], byte[]>> records =
            consumer.poll(POLL).records(partition).stream()
                .filter(each -> each.offset() < past)
                .toList();
        if (!records.isEmpty()) {
          if (!goOn.test(records)) {
            return false;
          }
          until = System.nanoTime() + PATIENCE.toNanos();
        } else if (System.nanoTime() > until) {
          throw new TimeoutException("nothing came of " + partition + " from " + first);
        }
      }
      return true;
    }
  }

  private synchronized Admin admin() {
    if (admin == null) {
      admin = Admin.create(new HashMap<>(connection));
    }
    return admin;
  }

  @PreDestroy
  synchronized void close() {
    if (admin != null) {
      admin.close(Duration.ofSeconds(2));
    }
  }
}
