package dev.countersign.audit.application;

import dev.countersign.events.Topics;
import dev.countersign.messaging.Elections;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Holds what the log has read against what Kafka has. A gap is looked into: what still stands in
/// it is read and appended, late; what does not is missing, and an alarm until somebody says that
/// they looked after it. Kafka's offsets have holes of their own (marks of transactions,
/// compaction), and those are no gaps.
///
/// If the process dies in it, the next one does the same again, and finds the records known.
@ApplicationScoped
public class CompareWithKafka {

  private static final Logger LOG = Logger.getLogger(CompareWithKafka.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Elections elections;
  private final Broker broker;
  private final AppendToLog log;
  private final FindCompleteness completeness;
  private final CompletenessMeters meters;
  private final Duration every;

  /// Partitions that had less than before when they were asked last, and up to where the log or
  /// they had all of it then.
  private Map<TopicPartition, Long> behind = Map.of();

  /// The gap that was looked into last.
  private long lookedInto;

  /// What every partition that lagged was read up to when it was asked last.
  private Map<TopicPartition, Long> lagged = Map.of();

  /// Over which connection: another is another election, and what was seen before it may be long
  /// ago.
  private @Nullable Connection elected;

  @Inject
  CompareWithKafka(
      Elections elections,
      Broker broker,
      AppendToLog log,
      FindCompleteness completeness,
      MeterRegistry meters,
      @ConfigProperty(name = "countersign.log.compare-every") Duration every) {
    this.elections = elections;
    this.broker = broker;
    this.log = log;
    this.completeness = completeness;
    this.meters = new CompletenessMeters(meters, every.multipliedBy(5));
    this.every = every;
  }

  void onStart(@Observes StartupEvent event) {
    elections.start("compare-with-kafka", null, every, this::compare);
  }

  /// One round.
  boolean compare(Connection connection) throws Exception {
    if (connection != elected) {
      elected = connection;
      behind = Map.of();
      lagged = Map.of();
    }
    ReadingTables tables = new ReadingTables(connection);
    // In this order: what is read meanwhile must not look as if Kafka did not have it.
    Map<TopicPartition, Long> next = tables.next();
    Map<TopicPartition, Broker.Extent> before = tables.onKafka();
    Map<TopicPartition, Broker.Extent> extents = broker.extents(topics(next.keySet()));
    noteAnew(tables, next, before, extents);
    // What it had before it had less says what is lost: kept until it is certain.
    Map<TopicPartition, Broker.Extent> certain = new HashMap<>(extents);
    certain.keySet().removeAll(behind.keySet());
    tables.onKafka(certain);
    for (ReadingTables.Gap gap : tables.gapsToLookInto(lookedInto)) {
      // Also where nothing comes of it, or it fails: the next round begins with another.
      lookedInto = gap.id();
      Broker.Extent extent = extents.get(gap.partition());
      if (extent != null) {
        tried(gap.partition(), "gap=" + gap.id(), () -> lookInto(tables, gap, extent));
      }
    }
    passMarks(tables, next, extents);
    meters.show(completeness.find().await().atMost(PATIENCE));
    return false;
  }

  /// A look at what stands on Kafka.
  @FunctionalInterface
  private interface Look {
    void look() throws Exception;
  }

  /// What can't be read keeps nothing else waiting: a later round tries it again. Where the log is
  /// broken, or its database does not answer, the round ends.
  private static void tried(TopicPartition partition, String what, Look look) throws Exception {
    try {
      look.look();
    } catch (InterruptException e) {
      throw e;
    } catch (TimeoutException | KafkaException e) {
      LOG.warnf(
          "What stands on a topic could not be read; it is tried again topic=%s partition=%d %s"
              + " cause=%s",
          partition.topic(), partition.partition(), what, e.toString());
    }
  }

  private static Set<String> topics(Set<TopicPartition> read) {
    return Stream.concat(
            Topics.ALL.stream().filter(topic -> !topic.equals(Topics.AUDIT)),
            read.stream().map(TopicPartition::topic))
        .collect(Collectors.toSet());
  }

  /// A topic with another id is another topic. One that ends before what was read, or before where
  /// it ended, was cut off, where that is so twice: a broker that has just taken over may not know
  /// its own end yet.
  private void noteAnew(
      ReadingTables tables,
      Map<TopicPartition, Long> next,
      Map<TopicPartition, Broker.Extent> before,
      Map<TopicPartition, Broker.Extent> now)
      throws SQLException {
    Map<TopicPartition, Long> less = new HashMap<>();
    for (Map.Entry<TopicPartition, Broker.Extent> each : now.entrySet()) {
      TopicPartition partition = each.getKey();
      Broker.Extent extent = each.getValue();
      Broker.Extent known = before.get(partition);
      long read = next.getOrDefault(partition, 0L);
      long ended = known == null ? read : Math.max(read, known.past());
      if (known != null && !known.topicId().equals(extent.topicId())) {
        tables.noteAnew(partition, extent, 0, extent.past(), ended - read);
        logAnew(partition, read, extent, ended - read);
      } else if (extent.past() < ended) {
        // What comes on it now takes the places of what is lost, and may be read already.
        long whole = Math.max(read, extent.past());
        Long first = behind.get(partition);
        if (first == null) {
          less.put(partition, whole);
        } else {
          noteCutOff(tables, partition, read, extent, ended - Math.min(first, whole));
        }
      } else if (read < extent.beginning()) {
        // Before anything comes of it that would show it: perhaps nothing does. Also where nothing
        // of it was ever read.
        tables.noteGone(partition, read, extent.beginning());
      }
    }
    behind = less;
  }

  /// Whoever read further than it goes now begins anew; others read on, and what they have read is
  /// looked into all the same. What was dropped at its beginning is not lost with its end.
  private static void noteCutOff(
      ReadingTables tables, TopicPartition partition, long read, Broker.Extent extent, long lost)
      throws SQLException {
    long past = Math.min(read, extent.past());
    long first = Math.min(extent.beginning(), past);
    if (extent.past() < read) {
      tables.noteAnew(partition, extent, first, past, lost);
    } else {
      tables.noteCutOff(partition, extent, first, past, lost);
    }
    logAnew(partition, read, extent, lost);
  }

  private static void logAnew(
      TopicPartition partition, long read, Broker.Extent extent, long lost) {
    LOG.errorf(
        "A topic was made anew or cut off (docs/runbooks/completeness.md)"
            + " topic=%s partition=%d read=%d end=%d lost=%d",
        partition.topic(), partition.partition(), read, extent.past(), lost);
  }

  /// Where reading stands still before an end, perhaps only marks of transactions are left, which
  /// nobody ever reads: that is no lag.
  private void passMarks(
      ReadingTables tables,
      Map<TopicPartition, Long> next,
      Map<TopicPartition, Broker.Extent> extents)
      throws Exception {
    Map<TopicPartition, Long> now = new HashMap<>();
    for (Map.Entry<TopicPartition, Long> each : next.entrySet()) {
      TopicPartition partition = each.getKey();
      Long read = each.getValue();
      Broker.Extent extent = extents.get(partition);
      if (extent == null || extent.past() <= read || extent.beginning() > read) {
        continue;
      }
      now.put(partition, read);
      if (read.equals(lagged.get(partition))) {
        tried(partition, "from=" + read, () -> passMarks(tables, partition, read, extent.past()));
      }
    }
    lagged = now;
  }

  private void passMarks(ReadingTables tables, TopicPartition partition, long read, long past)
      throws Exception {
    if (broker.isEmpty(partition, read, past)) {
      tables.moveOn(partition, read, past);
    }
  }

  private void lookInto(ReadingTables tables, ReadingTables.Gap gap, Broker.Extent extent)
      throws Exception {
    long first = Math.min(Math.max(gap.first(), extent.beginning()), gap.past());
    long past = Math.max(first, Math.min(gap.past(), extent.past()));
    long found =
        first == past
            ? 0
            : broker.read(gap.partition(), first, past, batch -> log.await(log.append(batch)));
    long missing = (first - gap.first()) + (gap.past() - past);
    tables.lookedInto(gap, found, missing);
    if (missing + gap.lost() > 0) {
      LOG.errorf(
          "Records were published that the log does not have (docs/runbooks/completeness.md)"
              + " topic=%s partition=%d from=%d to=%d missing=%d found=%d gap=%d",
          gap.partition().topic(),
          gap.partition().partition(),
          gap.first(),
          gap.past(),
          missing + gap.lost(),
          found,
          gap.id());
    } else {
      LOG.infof(
          "A gap was looked into and nothing is missing topic=%s partition=%d from=%d to=%d"
              + " found=%d gap=%d",
          gap.partition().topic(),
          gap.partition().partition(),
          gap.first(),
          gap.past(),
          found,
          gap.id());
    }
  }
}
