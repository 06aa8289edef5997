package dev.countersign.messaging;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// How far each partition was read, as the database has it and as Kafka has it. The database's is
/// written in the transaction that handles a batch, and Kafka's after that has committed: so the
/// database is never behind, unless it was put back to an earlier time.
@ApplicationScoped
public class Positions {

  private static final Duration PATIENCE = Duration.ofSeconds(15);

  // Last in its transaction and in the order of its key: it waits for nobody who waits for us.
  private static final String KEEP =
      """
      insert into read_up_to (topic, partition, next)
      select topic, partition, next
      from json_to_recordset(cast(cast(:seen as text) as json))
          as s (topic text, partition integer, next bigint)
      order by topic, partition
      on conflict (topic, partition)
      do update set next = greatest(read_up_to.next, excluded.next)
      """;

  private static final String FORGET = "delete from read_up_to";

  private static final String KEPT = "select topic, partition, next from read_up_to";

  private final boolean kept;
  private final Map<String, Object> connection;
  private final String group;
  private final Map<TopicPartition, Long> own = new ConcurrentHashMap<>();
  private @Nullable Admin admin;

  @Inject
  Positions(
      Instance<NewEpoch> newEpoch,
      @Identifier("default-kafka-broker") Map<String, Object> connection,
      @ConfigProperty(name = "mp.messaging.connector.smallrye-kafka.group.id") String group) {
    this.kept = newEpoch.isResolvable();
    this.connection = connection;
    this.group = group;
  }

  /// Notes, as the last thing in the session's transaction, that these were read.
  Uni<Void> keep(Mutiny.StatelessSession session, Collection<ConsumerRecord<byte[], byte[]>> read) {
    return kept ? keep(session, after(read)) : Uni.createFrom().voidItem();
  }

  Uni<Void> keep(Mutiny.StatelessSession session, Map<TopicPartition, Long> positions) {
    return positions.isEmpty()
        ? Uni.createFrom().voidItem()
        : session
            .createNativeQuery(KEEP)
            .setParameter("seen", json(positions))
            .executeUpdate()
            .replaceWithVoid();
  }

  /// That transaction has committed: from now on the database knows no less.
  void committed(Collection<ConsumerRecord<byte[], byte[]>> read) {
    seen(after(read));
  }

  /// The database has it so: from now on it knows no less.
  void seen(Map<TopicPartition, Long> positions) {
    if (kept) {
      positions.forEach((partition, next) -> own.merge(partition, next, Math::max));
    }
  }

  /// What this process itself has seen in the database.
  Map<TopicPartition, Long> own() {
    return Map.copyOf(own);
  }

  private static Map<TopicPartition, Long> after(Collection<ConsumerRecord<byte[], byte[]>> read) {
    Map<TopicPartition, Long> positions = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> each : read) {
      positions.merge(
          new TopicPartition(each.topic(), each.partition()), each.offset() + 1, Math::max);
    }
    return positions;
  }

  static String json(Map<TopicPartition, Long> positions) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    positions.forEach((partition, next) ->
        rows.addObject()
            .put("topic", partition.topic())
            .put("partition", partition.partition())
            .put("next", next));
    return rows.toString();
  }

  /// The database's.
  static Uni<Map<TopicPartition, Long>> kept(Mutiny.StatelessSession session) {
    return session
        .createNativeQuery(KEPT, Object[].class)
        .getResultList()
        .map(rows -> {
          Map<TopicPartition, Long> positions = new HashMap<>();
          for (Object[] row : rows) {
            positions.put(new TopicPartition((String) row[0], (Integer) row[1]), (Long) row[2]);
          }
          return positions;
        });
  }

  /// Forgets the database's: they are of a Kafka that is no more.
  static Uni<Void> forget(Mutiny.StatelessSession session) {
    return session.createNativeQuery(FORGET).executeUpdate().replaceWithVoid();
  }

  /// Which Kafka this is: one that is made anew has another id, and its positions begin anew.
  /// Blocks.
  String cluster() throws InterruptedException, ExecutionException, TimeoutException {
    return admin().describeCluster().clusterId().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /// Kafka's, of this service's group. Blocks.
  Map<TopicPartition, Long> inKafka()
      throws InterruptedException, ExecutionException, TimeoutException {
    return committed().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /// Kafka's, of this service's group.
  CompletionStage<Map<TopicPartition, Long>> committed() {
    return admin()
        .listConsumerGroupOffsets(group)
        .partitionsToOffsetAndMetadata()
        .toCompletionStage()
        .thenApply(offsets -> {
          Map<TopicPartition, Long> positions = new HashMap<>();
          offsets.forEach((partition, offset) -> {
            // Null where nothing was committed.
            if (offset != null) {
              positions.put(partition, offset.offset());
            }
          });
          return positions;
        });
  }

  /// Where each partition of a topic ends, of those that hold anything, for whoever reads what is
  /// committed: what a transaction has written that is still open is not there yet. Empty where
  /// there is no such topic.
  CompletionStage<Map<TopicPartition, Long>> ends(String topic) {
    return admin()
        .describeTopics(List.of(topic))
        .allTopicNames()
        .toCompletionStage()
        .thenCompose(found -> ends(found.values().iterator().next()))
        .exceptionally(failure -> {
          if (failure.getCause() instanceof UnknownTopicOrPartitionException) {
            return Map.of();
          }
          throw new CompletionException(failure);
        });
  }

  private CompletionStage<Map<TopicPartition, Long>> ends(TopicDescription topic) {
    return offsets(topic, OffsetSpec.earliest())
        .thenCombine(
            offsets(topic, OffsetSpec.latest()),
            (first, last) -> {
              Map<TopicPartition, Long> ends = new HashMap<>(last);
              ends.entrySet().removeAll(first.entrySet());
              return ends;
            });
  }

  private CompletionStage<Map<TopicPartition, Long>> offsets(
      TopicDescription topic, OffsetSpec which) {
    return admin()
        .listOffsets(
            topic.partitions().stream()
                .map(each -> new TopicPartition(topic.name(), each.partition()))
                .collect(Collectors.toMap(each -> each, _ -> which)),
            new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
        .all()
        .toCompletionStage()
        .thenApply(found ->
            found.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().offset())));
  }

  /// Has the group read on from here. Blocks, and fails while anybody of the group reads.
  void readOnFrom(Map<TopicPartition, Long> positions)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    positions.forEach((partition, next) -> offsets.put(partition, new OffsetAndMetadata(next)));
    admin()
        .alterConsumerGroupOffsets(group, offsets)
        .all()
        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
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
