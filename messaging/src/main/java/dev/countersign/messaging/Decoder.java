package dev.countersign.messaging;

import dev.countersign.events.EventJson;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Makes of a record what a use case works on. Runs on a worker thread, so it may cost CPU.
@FunctionalInterface
public interface Decoder<T> {

  /// Throws {@link Rejected}, or `IllegalArgumentException` with a sentence, for a dead letter; and
  /// {@link Unavailable} where it cannot tell for now.
  T decode(Envelope envelope) throws Rejected;

  /// Called where the record is not even a CloudEvent of its topic's type.
  default T undecodable(ConsumerRecord<byte[], byte[]> raw, Rejected why) throws Rejected {
    throw why;
  }

  /// Decodes the JSON of one of our own events.
  static <E> Decoder<E> of(Class<E> eventType) {
    return envelope -> EventJson.read(envelope.data(), eventType);
  }
}
