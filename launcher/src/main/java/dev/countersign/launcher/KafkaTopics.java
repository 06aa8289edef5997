package dev.countersign.launcher;

import dev.countersign.events.Topics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/// All topics of the contract, as they stand on a broker of one node.
public final class KafkaTopics {

  /// The largest record of an ordinary topic, in bytes: room for a proposal of 64 KiB many times.
  static final int ORDINARY_BYTES = 1 << 20;

  /// The largest record of `dead-letter` and `audit`, in bytes: they carry what came, and more.
  static final int LARGE_BYTES = 4 << 20;

  private static final int PARTITIONS = 4;
  private static final Set<String> LARGE = Set.of(Topics.DEAD_LETTER, Topics.AUDIT);

  private KafkaTopics() {}

  /// Creates those that are missing and returns when the broker knows all of them.
  public static void createMissing(String bootstrapServers) {
    try (Admin admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                60_000))) {
      Set<String> present = admin.listTopics().names().get(60, TimeUnit.SECONDS);
      List<NewTopic> missing =
          Topics.ALL.stream()
              .filter(name -> !present.contains(name))
              .map(KafkaTopics::topic)
              .toList();
      admin.createTopics(missing).all().get(60, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the topics could not be created on " + bootstrapServers, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the topics were being created", e);
    }
  }

  static NewTopic topic(String name) {
    Map<String, String> settings = new HashMap<>();
    boolean large = LARGE.contains(name);
    settings.put(
        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
        Integer.toString(large ? LARGE_BYTES : ORDINARY_BYTES));
    // The limit is checked of what a record is, not of what it was packed to: six megabytes of
    // zeros
    // packed to six kilobytes would be taken in, and could then not be published as a dead letter.
    settings.put(TopicConfig.COMPRESSION_TYPE_CONFIG, "uncompressed");
    if (large || name.equals(Topics.OVERSIGHT)) {
      // What went wrong, what happened, and what is held back, is kept until an operator decides
      // otherwise.
      settings.put(TopicConfig.RETENTION_MS_CONFIG, "-1");
    }
    return new NewTopic(name, PARTITIONS, (short) 1).configs(settings);
  }
}
