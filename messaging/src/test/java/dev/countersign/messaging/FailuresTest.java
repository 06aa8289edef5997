package dev.countersign.messaging;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class FailuresTest {

  @Test
  void aBrokenConnectionIsWaitedFor() {
    assertTrue(Failures.isAway(new UncheckedIOException(new IOException("connection reset"))));
  }

  @Test
  void unreadableJsonIsNotWaitedFor() {
    var unreadable = new JsonParseException(null, "Unexpected character");
    assertFalse(Failures.isAway(new IllegalArgumentException("not JSON", unreadable)));
    assertFalse(Failures.isAway(new UncheckedIOException(unreadable)));
  }
}
