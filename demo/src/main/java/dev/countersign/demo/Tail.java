package dev.countersign.demo;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// Reads topics from their present end on, on a thread of its own.
public final class Tail implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration LAST_POLL = Duration.ofSeconds(5);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Consumer<ConsumerRecords<byte[], byte[]>> take;
  private final Consumer<RuntimeException> ended;
  private final Thread reader;

  /// @param take gets what was read, also where that is nothing, one batch after the other
  /// @param ended gets why nothing more is read, where that is not for being closed
  public Tail(
      String bootstrapServers,
      Collection<String> topics,
      Consumer<ConsumerRecords<byte[], byte[]>> take,
      Consumer<RuntimeException> ended) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", bootstrapServers);
    settings.put("max.poll.records", 5_000);
    this.take = take;
    this.ended = ended;
    this.consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        topics.stream()
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(each -> new TopicPartition(each.topic(), each.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    // Asked for now, or the end would be that of the first poll.
    partitions.forEach(consumer::position);
    this.reader = Thread.ofPlatform().daemon().name("tail").unstarted(this::readOn);
  }

  /// Begins to read. What came since this was made is not missed.
  public Tail start() {
    reader.start();
    return this;
  }

  private void readOn() {
    try (consumer) {
      while (true) {
        take.accept(consumer.poll(POLL));
      }
    } catch (WakeupException e) {
      // It is being closed.
    } catch (RuntimeException e) {
      ended.accept(e);
    }
  }

  @Override
  public void close() {
    consumer.wakeup();
    try {
      reader.join(LAST_POLL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
