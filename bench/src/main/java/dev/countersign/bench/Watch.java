package dev.countersign.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.demo.Tail;
import dev.countersign.demo.Timeout;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.jspecify.annotations.Nullable;

/// Notes when the first record that counts was seen of each action on each topic, by the clock of
/// this process.
final class Watch implements AutoCloseable {

  private final Predicate<ConsumerRecord<byte[], byte[]>> counts;
  private final Map<String, Map<String, Long>> seen = new HashMap<>();
  private final Set<String> unreached = new HashSet<>();
  private final Tail tail;
  private long last = System.nanoTime();
  private @Nullable RuntimeException ended;

  /// Watches these topics from their present end, for records that count.
  Watch(
      String bootstrapServers,
      List<String> topics,
      Predicate<ConsumerRecord<byte[], byte[]>> counts) {
    this.counts = counts;
    this.tail = new Tail(bootstrapServers, topics, this::take, this::ended).start();
  }

  /// What counts of these actions and of no other: that one was approved and that it succeeded, the
  /// log's entry of that, a mail that was taken, and any record of another topic. An action that
  /// ended otherwise is no measurement: it ends the watch.
  static Predicate<ConsumerRecord<byte[], byte[]>> of(Collection<String> actions) {
    Set<String> these = Set.copyOf(actions);
    return record -> {
      String action = action(record);
      if (action == null || !these.contains(action)) {
        return false;
      }
      return switch (record.topic()) {
        case Topics.DECISION -> endedSo(record, action, "outcome", "approved");
        case Topics.EXECUTION -> endedSo(record, action, "status", "succeeded");
        case Topics.AUDIT -> data(record).at("/entry/topic").asText().equals(Topics.EXECUTION);
        case Topics.NOTIFICATION -> data(record).path("status").asText().equals("accepted");
        default -> true;
      };
    };
  }

  private static boolean endedSo(
      ConsumerRecord<byte[], byte[]> record, String action, String member, String wanted) {
    JsonNode data = data(record);
    if (!data.path(member).asText().equals(wanted)) {
      throw new IllegalStateException(
          "%s of %s says %s and not %s: %s"
              .formatted(
                  record.topic(), action, data.path(member).asText(), wanted, data.path("reason")));
    }
    return true;
  }

  private static JsonNode data(ConsumerRecord<byte[], byte[]> record) {
    return EventJson.readTree(record.value());
  }

  /// Which action a record is about; null where it is about none, as some entries of the log.
  private static @Nullable String action(ConsumerRecord<byte[], byte[]> record) {
    return record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8);
  }

  private void take(ConsumerRecords<byte[], byte[]> records) {
    long now = System.nanoTime();
    synchronized (seen) {
      for (ConsumerRecord<byte[], byte[]> record : records) {
        if (counts.test(record)) {
          last = now;
          String action = action(record);
          if (action == null) {
            continue;
          }
          seen.computeIfAbsent(record.topic(), _ -> new HashMap<>()).putIfAbsent(action, now);
          if (record.topic().equals(Topics.TICKET_OPENED) && reachesNobody(record)) {
            unreached.add(action);
          }
        }
      }
      seen.notifyAll();
    }
  }

  private void ended(RuntimeException why) {
    synchronized (seen) {
      ended = why;
      seen.notifyAll();
    }
  }

  /// Over everybody's budget: the ticket waits, and no mail goes out.
  private static boolean reachesNobody(ConsumerRecord<byte[], byte[]> opened) {
    JsonNode prompted = data(opened).path("prompted");
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
        requireReading();
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
        requireReading();
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

  private void requireReading() {
    if (ended != null) {
      throw new IllegalStateException(ended.getMessage(), ended);
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
