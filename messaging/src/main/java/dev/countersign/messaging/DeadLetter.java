package dev.countersign.messaging;

import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/// A record that could not be taken in, byte for byte, with a code and a sentence that say why.
///
/// What is too large for `dead-letter` is named by its topic, partition and offset, under which it
/// can be read where it came from.
public record DeadLetter(ConsumerRecord<byte[], byte[]> raw, String reason, String detail) {

  // In characters: the detail may be an exception's message, and those quote what they met.
  private static final int LONGEST_DETAIL = 1_000;
  // Room for what we add to the record, in bytes.
  private static final int LARGEST = Publisher.LARGEST_RECORD - 64 * 1024;

  private static final String NOT_KEPT =
      "could not be kept in full, read it on its topic at its partition and offset: ";

  public DeadLetter {
    if (detail.length() > LONGEST_DETAIL) {
      detail = detail.substring(0, LONGEST_DETAIL) + "…";
    }
  }

  public static DeadLetter of(ConsumerRecord<byte[], byte[]> raw, Rejected why) {
    return new DeadLetter(raw, why.reason(), why.detail());
  }

  /// This letter, or as much of it as a record on `dead-letter` holds.
  DeadLetter fitting() {
    DeadLetter fitting = this;
    while (size(fitting.raw) > LARGEST) {
      Optional<DeadLetter> smaller = fitting.smaller();
      if (smaller.isEmpty()) {
        return fitting;
      }
      fitting = smaller.get();
    }
    return fitting;
  }

  /// With less of the record in it: without its headers, then with nothing but where it can be
  /// found; empty where there is nothing left to leave out.
  Optional<DeadLetter> smaller() {
    if (raw.headers().iterator().hasNext()) {
      return Optional.of(without(raw.key(), raw.value()));
    }
    return raw.key() == null && raw.value() == null
        ? Optional.empty()
        : Optional.of(without(null, null));
  }

  @SuppressWarnings("NullAway") // a Kafka record may lack either
  private DeadLetter without(byte @Nullable [] key, byte @Nullable [] value) {
    ConsumerRecord<byte[], byte[]> less =
        new ConsumerRecord<>(
            raw.topic(),
            raw.partition(),
            raw.offset(),
            raw.timestamp(),
            TimestampType.CREATE_TIME,
            key == null ? -1 : key.length,
            value == null ? -1 : value.length,
            key,
            value,
            new RecordHeaders(),
            Optional.empty());
    String said = detail.startsWith(NOT_KEPT) ? detail : NOT_KEPT + detail;
    return new DeadLetter(less, reason, said);
  }

  private static long size(ConsumerRecord<byte[], byte[]> raw) {
    long size = length(raw.key()) + length(raw.value());
    for (Header each : raw.headers()) {
      // A character is four bytes at most, and each header has two lengths.
      size += 4L * each.key().length() + length(each.value()) + 10;
    }
    return size;
  }

  private static long length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
