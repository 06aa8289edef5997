package dev.countersign.audit.application;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.audit.domain.Entry;
import dev.countersign.audit.domain.EventId;
import dev.countersign.events.ActionId;
import dev.countersign.events.Audit;
import dev.countersign.events.Canonical;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.messaging.Envelope;
import dev.countersign.tlog.Checkpoint;
import dev.countersign.tlog.Frontier;
import dev.countersign.tlog.Hash;
import dev.countersign.tlog.Note;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Reads from the topic `audit` what a database lacks that was put back to an earlier time: the
/// same leaves at the same places, as far as checkpoints that the log itself signed say that they
/// are. What the leaves only commit to is lost with the database.
@ApplicationScoped
public class RecoverEntries {

  private static final Logger LOG = Logger.getLogger(RecoverEntries.class);
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /// How many entries are held in memory and written at a time.
  private static final int WINDOW = 20_000;

  private record Published(Entry entry, @Nullable Note checkpoint) {}

  private final Log log;
  private final LogKey key;
  private final Broker broker;

  @Inject
  RecoverEntries(Log log, LogKey key, Broker broker) {
    this.log = log;
    this.key = key;
    this.broker = broker;
  }

  /// Whether the topic has entries beyond this size. They are published after they are durable:
  /// then the database was put back, whatever else remembers.
  boolean isAhead(long size) {
    List<Placed> ahead = new ArrayList<>();
    read(
        extent -> Math.max(extent.beginning(), extent.past() - 1),
        each -> published(each, size, Long.MAX_VALUE).ifPresent(ahead::add));
    return !ahead.isEmpty();
  }

  /// Hands on what each partition has from an offset to where it ends now.
  private void read(
      ToLongFunction<Broker.Extent> first, Consumer<ConsumerRecord<byte[], byte[]>> records) {
    try {
      for (Map.Entry<TopicPartition, Broker.Extent> each :
          broker.extents(Set.of(Topics.AUDIT)).entrySet()) {
        Broker.Extent extent = each.getValue();
        broker.read(
            each.getKey(),
            first.applyAsLong(extent),
            extent.past(),
            batch -> batch.forEach(records));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the topic audit was read", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the topic audit can't be read", e);
    }
  }

  /// Appends what the topic has beyond this tree, and returns the log's size then. It may block for
  /// as long as it takes to read the topic.
  long recover(Frontier from) {
    Frontier at = from;
    Optional<Frontier> grown = window(at);
    while (grown.isPresent()) {
      at = grown.get();
      grown = window(at);
    }
    LOG.warnf(
        "Entries were recovered from the topic audit; what they commit to is lost from=%d to=%d",
        from.size(), at.size());
    return at.size();
  }

  /// The next entries, up to the last checkpoint among them; empty where there is none.
  private Optional<Frontier> window(Frontier from) {
    Map<Long, Published> published = read(from.size(), from.size() + WINDOW);
    List<Entry> entries = new ArrayList<>();
    int proven = 0;
    Note last = null;
    Frontier at = from;
    Frontier to = from;
    for (Published each = published.get(from.size());
        each != null;
        each = published.get(at.size())) {
      at = at.append(List.of(Hash.ofLeaf(each.entry.leaf())), (level, index, hash) -> {});
      entries.add(each.entry);
      if (each.checkpoint != null && signed(each.checkpoint, at)) {
        last = each.checkpoint;
        proven = entries.size();
        to = at;
      }
    }
    if (last == null) {
      return Optional.empty();
    }
    log.recover(from.size(), entries.subList(0, proven), last).await().atMost(PATIENCE);
    return Optional.of(to);
  }

  private boolean signed(Note note, Frontier tree) {
    return key.publicKey().signed(note)
        && Checkpoint.read(note.text())
            .equals(new Checkpoint(key.origin(), tree.size(), tree.root()));
  }

  private Map<Long, Published> read(long from, long to) {
    Map<Long, Published> published = new HashMap<>();
    read(
        Broker.Extent::beginning,
        each -> published(each, from, to).ifPresent(it -> published.put(it.index, it.published)));
    return published;
  }

  private record Placed(long index, Published published) {}

  private static Optional<Placed> published(
      ConsumerRecord<byte[], byte[]> raw, long from, long to) {
    try {
      Audit audit = EventJson.read(raw.value(), Audit.class);
      byte[] leaf = Canonical.bytes(audit.entry());
      if (audit.index() < from
          || audit.index() >= to
          || !Hash.ofLeaf(leaf).hex().equals(audit.leafHash().hex())) {
        return Optional.empty();
      }
      return Optional.of(
          new Placed(
              audit.index(),
              new Published(
                  entry(audit, leaf, raw),
                  audit.checkpoint() == null
                      ? null
                      : Note.read(audit.checkpoint().getBytes(StandardCharsets.UTF_8)))));
    } catch (IllegalArgumentException | DateTimeException e) {
      // Anybody with the topic may have written it. What the log published can be read.
      return Optional.empty();
    }
  }

  private static @Nullable ActionId findActionId(JsonNode leaf) {
    return leaf.hasNonNull("actionId") ? ActionId.of(leaf.path("actionId").asText()) : null;
  }

  private static Entry entry(Audit audit, byte[] leaf, ConsumerRecord<byte[], byte[]> raw) {
    JsonNode said = audit.entry();
    String topic = said.path("topic").asText(Entry.ATTESTATION);
    return new Entry(
        said.has("offset")
            ? EventId.ofPlace(
                topic,
                said.path("partition").asInt(),
                said.path("offset").asLong(),
                Instant.parse(said.path("time").asText()).toEpochMilli())
            : EventId.ofLeaf(Hash.ofLeaf(leaf)),
        null,
        topic,
        // The leaf is what was signed; of an attestation only the record around it says whose it
        // is.
        said.has("offset") ? findActionId(said) : audit.actionId(),
        leaf,
        Envelope.header(raw, "traceparent"),
        null,
        null,
        null,
        "[]");
  }
}
