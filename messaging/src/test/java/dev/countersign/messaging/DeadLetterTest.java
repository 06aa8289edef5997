package dev.countersign.messaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class DeadLetterTest {

  private static DeadLetter letter(int value, int header) {
    ConsumerRecord<byte[], byte[]> raw =
        new ConsumerRecord<>("decision", 3, 42, new byte[1], new byte[value]);
    raw.headers().add("h", new byte[header]);
    return new DeadLetter(raw, "shape", "it is none");
  }

  @Test
  void whatFitsIsKeptAsItIs() {
    DeadLetter letter = letter(1 << 20, 1 << 20);
    assertSame(letter, letter.fitting());
  }

  @Test
  void whatIsTooLargeLosesItsHeadersAndThenAllButWhereItIs() {
    DeadLetter headless = letter(1 << 20, 8 << 20).fitting();
    assertEquals(1 << 20, headless.raw().value().length);
    assertEquals(0, headless.raw().headers().toArray().length);
    assertTrue(headless.detail().contains("could not be kept in full"), headless.detail());

    DeadLetter nothing = letter(8 << 20, 1).fitting();
    assertNull(nothing.raw().key());
    assertNull(nothing.raw().value());
    assertEquals("decision", nothing.raw().topic());
    assertEquals(3, nothing.raw().partition());
    assertEquals(42, nothing.raw().offset());
    assertTrue(nothing.smaller().isEmpty());
  }
}
