package dev.countersign.audit.application;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.audit.domain.Entry;
import dev.countersign.audit.domain.EventId;
import dev.countersign.audit.domain.Leaf;
import dev.countersign.audit.domain.Place;
import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Topics;
import dev.countersign.messaging.Envelope;
import dev.countersign.messaging.Rejected;
import dev.countersign.messaging.Trace;
import dev.countersign.tlog.Hash;
import dev.countersign.verifier.Salted;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/// Makes an entry of any record. There is none that it refuses: what is no CloudEvent, no JSON or
/// nothing at all is logged as what it is.
final class Records {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Base64.Encoder BASE64 = Base64.getEncoder();

  private Records() {}

  static Entry entry(ConsumerRecord<byte[], byte[]> raw) {
    Envelope envelope = envelope(raw);
    ActionId actionId = actionId(raw, envelope).orElse(null);
    byte[] salt = new byte[Salted.SALT_BYTES];
    RANDOM.nextBytes(salt);
    Leaf leaf =
        new Leaf(
            raw.topic(),
            raw.partition(),
            raw.offset(),
            Instant.ofEpochMilli(raw.timestamp()),
            envelope == null
                ? null
                : new Leaf.Attributes(envelope.id(), envelope.source(), envelope.type()),
            actionId,
            Salted.payload(salt, raw.value()));
    return new Entry(
        eventId(raw, envelope),
        new Place(raw.topic(), raw.partition(), raw.offset(), raw.timestamp()),
        raw.topic(),
        actionId,
        leaf.bytes(),
        traceparent(raw, envelope),
        salt,
        raw.key(),
        raw.value(),
        headers(raw));
  }

  private static @Nullable Envelope envelope(ConsumerRecord<byte[], byte[]> raw) {
    try {
      Envelope read = Envelope.readAnyType(raw);
      return Leaf.Attributes.fit(read.id(), read.source(), read.type()) ? read : null;
    } catch (Rejected e) {
      // No CloudEvent is an answer here: the record is logged by its place.
      return null;
    }
  }

  private static Hash eventId(ConsumerRecord<byte[], byte[]> raw, @Nullable Envelope envelope) {
    if (raw.topic().equals(Topics.DEAD_LETTER)) {
      List<String> place =
          Stream.of("dl_topic", "dl_partition", "dl_offset", "dl_reason", "dl_detail")
              .map(name -> Optional.ofNullable(Envelope.header(raw, name)).orElse(""))
              .toList();
      if (!place.getFirst().isEmpty()) {
        return EventId.ofDeadLetter(place, raw.value());
      }
    }
    return envelope == null
        ? EventId.ofRecord(raw.topic(), raw.partition(), raw.offset(), raw.timestamp(), raw.value())
        : EventId.ofCloudEvent(raw.topic(), envelope.source(), envelope.id(), raw.value());
  }

  /// The action that the payload names; where it names none, that of the subject or of the key, so
  /// that a record too broken to read is still found with its action.
  private static Optional<ActionId> actionId(
      ConsumerRecord<byte[], byte[]> raw, @Nullable Envelope envelope) {
    byte[] data = envelope == null ? raw.value() : envelope.data();
    return Optional.ofNullable(data)
        .flatMap(ActionProposed::findActionId)
        .or(() -> parse(envelope == null ? null : envelope.subject()))
        .or(() -> parse(raw.key() == null ? null : new String(raw.key(), StandardCharsets.UTF_8)));
  }

  private static Optional<ActionId> parse(@Nullable String text) {
    if (text == null || text.length() != 36) {
      return Optional.empty();
    }
    try {
      return Optional.of(ActionId.of(text));
    } catch (IllegalArgumentException e) {
      // A key may be anything.
      return Optional.empty();
    }
  }

  private static @Nullable String traceparent(
      ConsumerRecord<byte[], byte[]> raw, @Nullable Envelope envelope) {
    String came = envelope == null ? Envelope.header(raw, "traceparent") : envelope.traceparent();
    return Trace.find(came).orElse(null);
  }

  private static String headers(ConsumerRecord<byte[], byte[]> raw) {
    ArrayNode headers = JsonNodeFactory.instance.arrayNode();
    for (Header header : raw.headers()) {
      ArrayNode pair = headers.addArray();
      // A name may hold what a text column does not take; the database keeps it escaped, as JSON.
      pair.add(header.key());
      byte[] value = header.value();
      if (value == null) {
        pair.addNull();
      } else {
        pair.add(BASE64.encodeToString(value));
      }
    }
    return headers.toString();
  }

  static List<Entry> entries(Iterable<ConsumerRecord<byte[], byte[]>> batch) {
    List<Entry> entries = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> raw : batch) {
      entries.add(entry(raw));
    }
    return entries;
  }
}
