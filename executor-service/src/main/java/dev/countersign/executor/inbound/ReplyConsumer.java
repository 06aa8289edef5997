package dev.countersign.executor.inbound;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidSessionTimeoutException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Reads one cluster's topics of outcomes on a thread of its own. A batch is committed when it is
/// handled, so that what a dead executor had read comes again.
final class ReplyConsumer {

  private static final Logger LOG = Logger.getLogger(ReplyConsumer.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration TOPIC_SOUGHT = Duration.ofSeconds(5);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(2);
  // As our channels have it: how long the partitions of one that was killed lie still.
  private static final Duration SESSION = Duration.ofSeconds(10);
  private static final Duration HEARTBEAT = Duration.ofSeconds(3);

  /// A topic that the brokers don't let us read. To try it again has all the group's members wait.
  ///
  /// @param pause before it is tried again, longer each time
  /// @param until by `System.nanoTime()`
  record Barred(Duration pause, long until) {

    private static final Duration FIRST = Duration.ofSeconds(30);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /// As before where that is not over: another's try shows it to us, too.
    static Barred next(@Nullable Barred before, long now) {
      if (before != null && !before.isOver(now)) {
        return before;
      }
      Duration pause = before == null ? FIRST : before.pause.multipliedBy(2);
      Duration bounded = pause.compareTo(LONGEST) > 0 ? LONGEST : pause;
      return new Barred(bounded, now + bounded.toNanos());
    }

    boolean isOver(long now) {
      return now - until > 0;
    }

    /// It was tried again since, and is read.
    boolean isForgotten(long now) {
      return now - until > FIRST.toNanos();
    }
  }

  private final Map<String, Object> connection;
  private final String group;
  private final Supplier<Set<String>> topics;
  private final Function<ConsumerRecords<byte[], byte[]>, Uni<Void>> handle;
  private final Duration session;
  private final Thread thread;
  private volatile boolean sessionIsKafkas;
  // Left out: one of them would keep the outcomes of all others on its cluster back.
  private final Map<String, Barred> barred = new ConcurrentHashMap<>();
  private volatile boolean caughtUp;
  private final CountDownLatch closing = new CountDownLatch(1);

  /// @param topics those to read now; asked again and again, for the operator may change them
  ReplyConsumer(
      Map<String, Object> connection,
      String group,
      Supplier<Set<String>> topics,
      Function<ConsumerRecords<byte[], byte[]>, Uni<Void>> handle) {
    this(connection, group, topics, handle, SESSION);
  }

  /// @param session how long the brokers hear nothing of a member until it is dead to them
  ReplyConsumer(
      Map<String, Object> connection,
      String group,
      Supplier<Set<String>> topics,
      Function<ConsumerRecords<byte[], byte[]>, Uni<Void>> handle,
      Duration session) {
    this.connection = connection;
    this.group = group;
    this.topics = topics;
    this.handle = handle;
    this.session = session;
    this.thread = Thread.ofPlatform().name("outcomes").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /// Whether its thread still lives; an `Error` ends it.
  boolean reads() {
    return thread.isAlive();
  }

  /// Whether all is handled that lay in its topics when it first reached them, by whoever shares
  /// its group.
  boolean hasCaughtUp() {
    return caughtUp;
  }

  Set<String> barred() {
    long now = System.nanoTime();
    return barred.entrySet().stream()
        .filter(each -> !each.getValue().isOver(now))
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  boolean connectsBy(Map<String, Object> other) {
    return connection.equals(other);
  }

  /// Returns at once; what is being handled is handled to its end.
  void close() {
    closing.countDown();
  }

  /// Waits until it has left its group, so that others read on at once; at most for so long.
  void awaitLeft(Duration patience) throws InterruptedException {
    if (!thread.join(patience)) {
      LOG.warnf("Outcomes are still being handled; who reads on waits for that group=%s", group);
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void run() {
    while (!isClosing()) {
      try (KafkaConsumer<byte[], byte[]> consumer =
          new KafkaConsumer<>(config(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        read(consumer);
      } catch (InvalidSessionTimeoutException e) {
        sessionRefused(e);
      } catch (RuntimeException e) {
        // The brokers', the inbox's or a bug of ours: what was not committed comes again, and the
        // thread must not end of it.
        LOG.errorf(e, "Outcomes can't be read and are tried again");
        pause();
      }
    }
  }

  /// The brokers take none so short: then Kafka's own default, which those take that nobody has set
  /// otherwise still.
  private void sessionRefused(InvalidSessionTimeoutException e) {
    if (sessionIsKafkas) {
      LOG.errorf(
          e,
          "Outcomes can't be read: the brokers take neither a session of %s nor Kafka's default of 45"
              + " s; set their group.min.session.timeout.ms to 45000 at most and their"
              + " group.max.session.timeout.ms to 45000 at least; for %s it has to be between them, and"
              + " this executor restarted afterwards group=%s",
          session,
          session,
          group);
      pause();
    } else {
      LOG.warnf(
          "The brokers take no session of %s, and Kafka's default of 45 s is used: so long the outcomes"
              + " lie still that an executor was to read that was killed. Where that is too long, set their"
              + " group.min.session.timeout.ms to at most %s and their group.max.session.timeout.ms to at"
              + " least that, and restart this executor group=%s",
          session, session, group);
      sessionIsKafkas = true;
    }
  }

  /// How its client is set up.
  Map<String, Object> config() {
    Map<String, Object> config = new HashMap<>(connection);
    config.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    if (!sessionIsKafkas) {
      config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int) session.toMillis());
    }
    config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, (int) HEARTBEAT.toMillis());
    // An outcome of a transaction that was aborted, nobody has said.
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    // How soon a topic is found that was made after its connector.
    config.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, (int) TOPIC_SOUGHT.toMillis());
    return config;
  }

  private void read(KafkaConsumer<byte[], byte[]> consumer) {
    Set<String> subscribed = Set.of();
    Map<TopicPartition, Long> ends = Map.of();
    while (!isClosing()) {
      Set<String> named = topics.get();
      Set<String> wanted = readable(named);
      if (!wanted.equals(subscribed)) {
        consumer.subscribe(wanted);
        subscribed = wanted;
      }
      if (subscribed.isEmpty()) {
        caughtUp |= named.isEmpty();
        pause();
        continue;
      }
      ConsumerRecords<byte[], byte[]> batch = poll(consumer);
      if (!batch.isEmpty()) {
        handle.apply(batch).await().indefinitely();
        consumer.commitSync();
      }
      if (!caughtUp) {
        ends = catchUp(consumer, subscribed, ends);
      }
    }
  }

  /// Looks how far the group has come.
  ///
  /// @param ends where its topics ended when that was first known; empty before
  private Map<TopicPartition, Long> catchUp(
      KafkaConsumer<byte[], byte[]> consumer,
      Set<String> subscribed,
      Map<TopicPartition, Long> ends) {
    try {
      if (!ends.keySet().stream().map(TopicPartition::topic).allMatch(subscribed::contains)
          || ends.isEmpty()) {
        Set<TopicPartition> partitions = new HashSet<>();
        for (String topic : subscribed) {
          consumer
              .partitionsFor(topic, POLL)
              .forEach(each -> partitions.add(new TopicPartition(topic, each.partition())));
        }
        ends = consumer.endOffsets(partitions, POLL);
      }
      // Also where no record came: behind the last there may be marks of transactions.
      consumer.commitSync();
      Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(ends.keySet(), POLL);
      // What lies in a topic that we may not read yet, nobody has read.
      caughtUp =
          barred().isEmpty()
              && ends.entrySet().stream()
                  .allMatch(each -> {
                    OffsetAndMetadata next = committed.get(each.getKey());
                    return each.getValue() <= (next == null ? 0 : next.offset());
                  });
    } catch (TopicAuthorizationException e) {
      bar(e.unauthorizedTopics(), e);
    } catch (InvalidTopicException e) {
      bar(e.invalidTopics(), e);
    } catch (TimeoutException | RebalanceInProgressException e) {
      LOG.debugf("How far outcomes are read is asked again cause=%s", e);
    }
    return ends;
  }

  private Set<String> readable(Set<String> wanted) {
    long now = System.nanoTime();
    barred
        .entrySet()
        .removeIf(each -> !wanted.contains(each.getKey()) || each.getValue().isForgotten(now));
    Set<String> leftOut = barred();
    return wanted.stream()
        .filter(each -> !leftOut.contains(each))
        .collect(Collectors.toUnmodifiableSet());
  }

  private ConsumerRecords<byte[], byte[]> poll(KafkaConsumer<byte[], byte[]> consumer) {
    try {
      return consumer.poll(POLL);
    } catch (TopicAuthorizationException e) {
      return bar(e.unauthorizedTopics(), e);
    } catch (InvalidTopicException e) {
      return bar(e.invalidTopics(), e);
    }
  }

  private ConsumerRecords<byte[], byte[]> bar(Set<String> named, RuntimeException why) {
    Set<String> ours = new HashSet<>(topics.get());
    ours.retainAll(named);
    if (ours.isEmpty()) {
      throw why;
    }
    if (barred.keySet().containsAll(ours)) {
      LOG.errorf("Outcomes still can't be read of some topics topics=%s", ours);
    } else {
      LOG.errorf(
          why, "Outcomes can't be read of some topics, which are tried again topics=%s", ours);
    }
    long now = System.nanoTime();
    ours.forEach(each -> barred.compute(each, (_, before) -> Barred.next(before, now)));
    return ConsumerRecords.empty();
  }

  private void pause() {
    try {
      var _ = closing.await(PAUSE_AFTER_FAILURE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
    }
  }
}
