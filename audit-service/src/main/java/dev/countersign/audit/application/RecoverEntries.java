package dev.countersign.audit.application;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.audit.domain.Entry;
import dev.countersign.audit.domain.EventId;
import dev.countersign.audit.domain.Leaf;
import dev.countersign.events.ActionId;
import dev.countersign.events.Audit;
import dev.countersign.events.Canonical;
import dev.countersign.events.EventJson;
import dev.countersign.events.Topics;
import dev.countersign.messaging.Envelope;
import dev.countersign.messaging.Trace;
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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.ToLongBiFunction;
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

  /// How many entries are held in memory, where they do not take more than
  /// [LostEntries#MOST_BYTES]: so many are read from the topic at once.
  private static final int WINDOW = 200_000;

  /// How many are written at a time, and how many bytes of them.
  private static final int WRITTEN = 20_000;

  private static final long WRITTEN_BYTES = 8 * 1024 * 1024;

  /// No record of the log's is larger: a leaf, and the little that stands around it.
  private static final int LARGEST = 2 * Leaf.MAX_BYTES;

  private record Published(long index, Entry entry, Optional<Note> checkpoint) {}

  private final Log log;
  private final LogKey key;
  private final Broker broker;
  private final long most;

  @Inject
  RecoverEntries(Log log, LogKey key, Broker broker) {
    this(log, key, broker, LostEntries.MOST_BYTES);
  }

  /// @param most how many bytes of entries are held in memory
  RecoverEntries(Log log, LogKey key, Broker broker, long most) {
    this.log = log;
    this.key = key;
    this.broker = broker;
    this.most = most;
  }

  /// How many entries there are by what the topic ends with. They are published after they are
  /// durable: where the tree has fewer, the database was put back, whatever else remembers.
  long published() {
    List<Long> last = new ArrayList<>(List.of(0L));
    read(
        (_, extent) -> Math.max(extent.beginning(), extent.past() - 1),
        each -> published(each, 0).ifPresent(it -> last.add(it.index + 1)));
    return Collections.max(last);
  }

  /// Hands on what each partition has from an offset to where it ends now.
  private void read(
      ToLongBiFunction<TopicPartition, Broker.Extent> first,
      Consumer<ConsumerRecord<byte[], byte[]>> records) {
    try {
      for (Map.Entry<TopicPartition, Broker.Extent> each :
          broker.extents(Set.of(Topics.AUDIT)).entrySet()) {
        Broker.Extent extent = each.getValue();
        broker.read(
            each.getKey(),
            first.applyAsLong(each.getKey(), extent),
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
    FirstPlaces places = new FirstPlaces(0);
    long before;
    LostEntries lost;
    do {
      before = at.size();
      places = places.from(before, before + WINDOW);
      lost = read(before, places);
      at = append(lost, at);
      // The topic is not read again where nothing was left out, nor where nothing came of it.
    } while (lost.leftOut() && at.size() > before);
    LOG.warnf(
        "Entries were recovered from the topic audit; what they commit to is lost from=%d to=%d",
        from.size(), at.size());
    return at.size();
  }

  /// Up to the last checkpoint among them that they lead to.
  private Frontier append(LostEntries lost, Frontier from) {
    Frontier written = from;
    Frontier at = from;
    List<Entry> entries = new ArrayList<>();
    long bytes = 0;
    for (Optional<LostEntries.Segment> next = lost.next(at);
        next.isPresent();
        next = lost.next(at)) {
      entries.addAll(next.get().entries());
      bytes += next.get().entries().stream().mapToLong(Entry::weight).sum();
      at = next.get().to();
      if (entries.size() >= WRITTEN || bytes >= WRITTEN_BYTES || lost.next(at).isEmpty()) {
        log.recover(written.size(), entries, next.get().checkpoint()).await().atMost(PATIENCE);
        written = at;
        entries = new ArrayList<>();
        bytes = 0;
      }
    }
    return at;
  }

  private LostEntries read(long from, FirstPlaces places) {
    LostEntries lost = new LostEntries(from + WINDOW, most);
    // What can't be read is none of them, wherever it stands.
    read(
        (partition, extent) -> Math.max(extent.beginning(), places.first(partition)),
        raw -> {
          Optional<Published> found = published(raw, from);
          places.note(raw, found.map(Published::index).orElse(0L));
          found.ifPresent(each -> {
            lost.add(each.index, each.entry);
            each.checkpoint.filter(note -> signed(note, each.index + 1)).ifPresent(lost::add);
          });
        });
    return lost;
  }

  /// As the log publishes it: with the last entry that it is signed over, and under no signature
  /// but its own. Others may add as many as there is room for.
  private boolean signed(Note note, long size) {
    if (note.signatures().size() != 1 || !key.publicKey().signed(note)) {
      return false;
    }
    Checkpoint checkpoint = Checkpoint.read(note.text());
    return checkpoint.size() == size && checkpoint.origin().equals(key.origin());
  }

  private static Optional<Published> published(ConsumerRecord<byte[], byte[]> raw, long from) {
    if (raw.value() == null || raw.value().length > LARGEST) {
      return Optional.empty();
    }
    try {
      Audit audit = EventJson.read(raw.value(), Audit.class);
      byte[] leaf = Canonical.bytes(audit.entry());
      if (audit.index() < from || !Hash.ofLeaf(leaf).hex().equals(audit.leafHash().hex())) {
        return Optional.empty();
      }
      return Optional.of(
          new Published(
              audit.index(),
              entry(audit, leaf, raw),
              Optional.ofNullable(audit.checkpoint())
                  .map(it -> Note.read(it.getBytes(StandardCharsets.UTF_8)))));
    } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
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
            : EventId.ofLeafAt(audit.index(), Hash.ofLeaf(leaf)),
        null,
        topic,
        // The leaf is what was signed; of an attestation only the record around it says whose it
        // is.
        said.has("offset") ? findActionId(said) : audit.actionId(),
        leaf,
        // Of a copy that anybody may have written: no leaf commits to it.
        Trace.find(Envelope.header(raw, "traceparent")).orElse(null),
        null,
        null,
        null,
        "[]");
  }
}
