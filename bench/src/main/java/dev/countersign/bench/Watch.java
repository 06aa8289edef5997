package dev.countersign.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.demo.Tail;
import dev.countersign.demo.Timeout;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;

/// Notes when the first event about each action was seen on each topic, by the clock of this
/// process.
final class Watch implements AutoCloseable {

  private final Predicate<ConsumerRecord<byte[], byte[]>> counts;
  private final Map<String, Map<String, Long>> seen = new HashMap<>();
  private final Set<String> unreached = new HashSet<>();
  private final Tail tail;
  private long last = System.nanoTime();

  /// Watches these topics from their present end, for records that count.
  Watch(
      String bootstrapServers,
      List<String> topics,
      Predicate<ConsumerRecord<byte[], byte[]>> counts) {
    this.counts = counts;
    this.tail = new Tail(bootstrapServers, topics, this::take).start();
  }

  private void take(ConsumerRecords<byte[], byte[]> records) {
    long now = System.nanoTime();
    synchronized (seen) {
      for (ConsumerRecord<byte[], byte[]> record : records) {
        if (counts.test(record)) {
          last = now;
          String action = new String(record.key(), StandardCharsets.UTF_8);
          seen.computeIfAbsent(record.topic(), _ -> new HashMap<>()).putIfAbsent(action, now);
          if (record.topic().equals(Topics.TICKET_OPENED) && reachesNobody(record)) {
            unreached.add(action);
          }
        }
      }
      seen.notifyAll();
    }
  }

  /// Over everybody's budget: the ticket waits, and no mail goes out.
  private static boolean reachesNobody(ConsumerRecord<byte[], byte[]> opened) {
    JsonNode prompted = EventJson.readTree(opened.value()).path("prompted");
    return prompted.isArray() && prompted.isEmpty();
  }

  /// Waits until all of these actions were seen on a topic; returns when the last one was, in
  /// nanoseconds of this process's clock.
  long awaitAll(String topic, List<String> actions, Duration most) {
    long until = System.nanoTime() + most.toNanos();
    synchronized (seen) {
      while (true) {
        Map<String, Long> here = seen.getOrDefault(topic, Map.of());
        if (here.size() >= actions.size() && here.keySet().containsAll(actions)) {
          return actions.stream().mapToLong(here::get).max().orElseThrow();
        }
        long left = (until - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new Timeout(here.size() + " of " + actions.size() + " on " + topic);
        }
        try {
          seen.wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException(e);
        }
      }
    }
  }

  /// Waits until each of these tickets was mailed about, or opened without a mail; returns those
  /// that were mailed about.
  List<String> awaitMails(List<String> actions, Duration most) {
    awaitAll(Topics.TICKET_OPENED, actions, most);
    List<String> mailed;
    synchronized (seen) {
      mailed = actions.stream().filter(each -> !unreached.contains(each)).toList();
    }
    if (!mailed.isEmpty()) {
      awaitAll(Topics.NOTIFICATION, mailed, most);
    }
    return mailed;
  }

  /// Waits until for so long no record has come.
  void awaitQuiet(Duration quiet, Duration most) {
    long until = System.nanoTime() + most.toNanos();
    synchronized (seen) {
      while (true) {
        long left = quiet.toMillis() - (System.nanoTime() - last) / 1_000_000;
        if (left <= 0) {
          return;
        }
        if (System.nanoTime() > until) {
          throw new Timeout("still not quiet after " + most);
        }
        try {
          seen.wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException(e);
        }
      }
    }
  }

  /// When the first event about an action was seen on a topic.
  long at(String topic, String action) {
    synchronized (seen) {
      Long at = seen.getOrDefault(topic, Map.of()).get(action);
      if (at == null) {
        throw new IllegalStateException(action + " was not seen on " + topic);
      }
      return at;
    }
  }

  /// The p-th percentile (0 to 100) of these durations, in milliseconds.
  static double percentile(long[] nanos, double p) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    int index = (int) Math.ceil(p / 100 * sorted.length) - 1;
    return sorted[Math.max(0, index)] / 1e6;
  }

  @Override
  public void close() {
    tail.close();
  }
}
