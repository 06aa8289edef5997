package dev.countersign.messaging;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/// A record that could not be taken in, byte for byte, with a code and a sentence that say why.
public record DeadLetter(ConsumerRecord<byte[], byte[]> raw, String reason, String detail) {

  public static DeadLetter of(ConsumerRecord<byte[], byte[]> raw, Rejected why) {
    return new DeadLetter(raw, why.reason(), why.detail());
  }
}
