package dev.countersign.flow;

import dev.countersign.demo.Timeout;
import dev.countersign.flow.WholeSystem.Running;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/// How far the services have read, as Kafka knows.
final class Groups {

  private Groups() {}

  /// Until Kafka knows that the group has read this: from then on a database that has not lacks it.
  static void awaitRead(
      Running running, String group, ConsumerRecord<byte[], byte[]> record, Duration patience)
      throws InterruptedException, ExecutionException {
    awaitRead(
        running,
        group,
        new TopicPartition(record.topic(), record.partition()),
        record.offset(),
        patience);
  }

  static void awaitRead(
      Running running, String group, TopicPartition partition, long offset, Duration patience)
      throws InterruptedException, ExecutionException {
    long until = System.nanoTime() + patience.toNanos();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", running.addresses().kafka()))) {
      while (true) {
        OffsetAndMetadata read =
            admin
                .listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get()
                .get(partition);
        if (read != null && read.offset() > offset) {
          return;
        }
        if (System.nanoTime() > until) {
          throw new Timeout(group + " did not read " + partition + " up to " + offset);
        }
        LockSupport.parkNanos(50_000_000);
      }
    }
  }
}
