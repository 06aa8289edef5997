package dev.countersign.launcher;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/// A Kafka broker and controller (KRaft) in this JVM, on loopback, with all topics.
///
/// @see KafkaProcess the same in a process of its own
public final class EmbeddedKafka implements AutoCloseable {

  private static final int NODE = 1;

  private final KafkaRaftServer server;
  private final int port;

  private EmbeddedKafka(KafkaRaftServer server, int port) {
    this.server = server;
    this.port = port;
  }

  /// Starts a broker on `port` with its data in `folder`, which is formatted at first use.
  public static EmbeddedKafka start(Path folder, int port) {
    return start(folder, new Listeners(port, null));
  }

  static EmbeddedKafka start(Path folder, Listeners listeners) {
    Path data = folder.toAbsolutePath();
    format(data);
    var config = new KafkaConfig(settings(data, listeners), false);
    var server = new KafkaRaftServer(config, Time.SYSTEM);
    server.startup();
    var kafka = new EmbeddedKafka(server, listeners.port());
    KafkaTopics.createMissing(kafka.bootstrapServers());
    return kafka;
  }

  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }

  private static void format(Path data) {
    try {
      Files.createDirectories(data);
      var formatterOutput =
          new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8);
      new Formatter()
          .setPrintStream(formatterOutput)
          .setClusterId(clusterId(data))
          .setNodeId(NODE)
          .addDirectory(data.toString())
          .setMetadataLogDirectory(data.toString())
          .setControllerListenerName("CONTROLLER")
          .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
          .setIgnoreFormatted(true)
          .run();
    } catch (Exception e) {
      throw new IllegalStateException("could not format Kafka's folder " + data, e);
    }
  }

  /// The id that the folder was formatted with, or a new one.
  private static String clusterId(Path data) throws IOException {
    Path meta = data.resolve("meta.properties");
    if (!Files.exists(meta)) {
      return Uuid.randomUuid().toString();
    }
    var properties = new Properties();
    try (var reader = Files.newBufferedReader(meta)) {
      properties.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("cluster.id", Uuid.randomUuid().toString());
  }

  private static Properties settings(Path data, Listeners listeners) {
    var settings = new Properties();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", Integer.toString(NODE));
    settings.put("log.dirs", data.toString());
    listeners.applyTo(settings, NODE);

    settings.put("auto.create.topics.enable", "false");
    settings.put("message.max.bytes", Integer.toString(KafkaTopics.LARGE_BYTES));
    settings.put("replica.fetch.max.bytes", Integer.toString(KafkaTopics.LARGE_BYTES + (1 << 16)));

    // One node: there is nobody to replicate to.
    settings.put("default.replication.factor", "1");
    settings.put("min.insync.replicas", "1");
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "1");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("transaction.state.log.num.partitions", "1");
    settings.put("share.coordinator.state.topic.replication.factor", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");
    settings.put("share.coordinator.state.topic.num.partitions", "1");

    // Each new group would wait 3 s for members to come.
    settings.put("group.initial.rebalance.delay.ms", "0");
    // The default takes 128 MiB of heap.
    settings.put("log.cleaner.dedupe.buffer.size", "2097152");
    // After a SIGKILL the broker that was is given up after this, not after 9 s and more.
    settings.put("broker.session.timeout.ms", "3000");
    settings.put("broker.heartbeat.interval.ms", "500");
    return settings;
  }
}
