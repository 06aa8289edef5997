package dev.countersign.messaging;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
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

  @Test
  void whoGaveWayToAnotherTransactionIsToldFromTheDatabaseBeingAway() {
    assertTrue(Failures.gaveWay(new IllegalStateException(new SQLException("ring", "40P01"))));
    assertTrue(Failures.gaveWay(new SQLException("no order", "40001")));
    assertFalse(Failures.gaveWay(new SQLException("shutting down", "57P01")));
    assertFalse(Failures.gaveWay(new IOException("connection reset")));
  }
}
