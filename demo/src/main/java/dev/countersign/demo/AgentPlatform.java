package dev.countersign.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionCancelled;
import dev.countersign.events.ActionId;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/// An agent platform as a customer would write it: a stock Kafka client that publishes proposals
/// and reads what becomes of them. It keeps all that it has read since it was started.
public final class AgentPlatform implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 300_000;

  private final KafkaProducer<byte[], byte[]> producer;
  private final Tail tail;
  private final Map<String, List<ConsumerRecord<byte[], byte[]>>> read = new HashMap<>();
  private @Nullable RuntimeException ended;

  /// Starts reading at the present end of every topic.
  public AgentPlatform(String bootstrapServers) {
    this.producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                // Each record is waited for: there is nothing to gather.
                "linger.ms",
                0,
                // As long as a broker may take that is killed under it.
                "max.block.ms",
                PATIENCE_MILLIS,
                "delivery.timeout.ms",
                PATIENCE_MILLIS),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    this.tail = new Tail(bootstrapServers, Topics.ALL, this::take, this::ended).start();
  }

  private void take(ConsumerRecords<byte[], byte[]> records) {
    synchronized (read) {
      for (ConsumerRecord<byte[], byte[]> record : records) {
        read.computeIfAbsent(record.topic(), _ -> new ArrayList<>()).add(record);
      }
      read.notifyAll();
    }
  }

  private void ended(RuntimeException why) {
    synchronized (read) {
      ended = why;
      read.notifyAll();
    }
  }

  /// Publishes a proposal as a binary CloudEvent.
  public void propose(ActionId id, JsonNode proposal) {
    produce(
        Topics.ACTION_PROPOSED, id.toString(), EventJson.write(proposal), headers(id.toString()));
  }

  /// Takes a question back.
  public void cancel(ActionCancelled cancelled) {
    String id = cancelled.actionId().toString();
    produce(
        Topics.ACTION_CANCELLED,
        id,
        EventJson.write(cancelled),
        headers(Topics.ACTION_CANCELLED, id));
  }

  /// The headers of a proposal in binary mode.
  public static Map<String, String> headers(String subject) {
    return headers(Topics.ACTION_PROPOSED, subject);
  }

  /// The headers of an event of this topic in binary mode, which is another with each call.
  public static Map<String, String> headers(String topic, String subject) {
    return Map.of(
        "ce_specversion",
        "1.0",
        "ce_id",
        UUID.randomUUID().toString(),
        "ce_source",
        "urn:acme:agents",
        "ce_type",
        Topics.type(topic),
        "ce_subject",
        subject,
        "content-type",
        "application/json");
  }

  /// Publishes anything at all, as whoever can reach the broker could.
  public void produce(String topic, String key, byte[] value, Map<String, String> headers) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), value);
    headers.forEach(
        (name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
    try {
      producer.send(record).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("Kafka did not take the record", e);
    }
  }

  /// All that was read on a topic about an action, in the order of its partition.
  public List<JsonNode> events(String topic, ActionId id) {
    return records(topic, id).stream().map(each -> EventJson.readTree(each.value())).toList();
  }

  /// The records themselves.
  public List<ConsumerRecord<byte[], byte[]>> records(String topic, ActionId id) {
    byte[] key = id.toString().getBytes(StandardCharsets.UTF_8);
    synchronized (read) {
      return read.getOrDefault(topic, List.of()).stream()
          .filter(each -> java.util.Arrays.equals(key, each.key()))
          .toList();
    }
  }

  /// Every record read on a topic so far.
  public List<ConsumerRecord<byte[], byte[]>> records(String topic) {
    synchronized (read) {
      return List.copyOf(read.getOrDefault(topic, List.of()));
    }
  }

  /// The first event about an action on a topic; throws {@link Timeout} where none comes in time.
  public JsonNode await(String topic, ActionId id, Duration most) {
    return awaitRecord(topic, id, most, _ -> true)
        .map(each -> EventJson.readTree(each.value()))
        .orElseThrow(() -> new Timeout("no " + topic + " of " + id + " within " + most));
  }

  /// The first record about an action that fits, if one comes in time.
  public Optional<ConsumerRecord<byte[], byte[]>> awaitRecord(
      String topic, ActionId id, Duration most, Predicate<ConsumerRecord<byte[], byte[]>> fits) {
    long until = System.nanoTime() + most.toNanos();
    synchronized (read) {
      while (true) {
        Optional<ConsumerRecord<byte[], byte[]>> found =
            records(topic, id).stream().filter(fits).findFirst();
        long left = (until - System.nanoTime()) / 1_000_000;
        if (found.isPresent() || left <= 0) {
          return found;
        }
        if (ended != null) {
          throw new IllegalStateException("nothing more is read", ended);
        }
        try {
          read.wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return Optional.empty();
        }
      }
    }
  }

  /// A header of a record as text; empty where it has none of that name.
  public static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
  }

  /// A proposal with what the contract requires; add the rest to it.
  public static ObjectNode proposal(ActionId id, String toolset, String tool, JsonNode parameters) {
    ObjectNode proposal = JsonNodeFactory.instance.objectNode();
    proposal.put("actionId", id.toString());
    proposal
        .putObject("agent")
        .put("id", "billing-bot")
        .put("platform", "acme-agents")
        .put("session", "run-91c")
        .put("onBehalfOf", "treasury@acme.example");
    proposal.putObject("tool").put("toolset", toolset).put("name", tool);
    proposal.set("parameters", parameters);
    return proposal;
  }

  @Override
  public void close() {
    tail.close();
    producer.close(Duration.ofSeconds(5));
  }
}
