package dev.countersign.messaging;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParseException;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FailuresTest {

  @Test
  void aBrokenConnectionIsWaitedFor() {
    assertTrue(Failures.isAway(new UncheckedIOException(new IOException("connection reset"))));
  }

  /// No record is to blame for a password that was changed while connections were open, for a
  /// database that is not there or for a privilege that was taken.
  @ParameterizedTest
  @ValueSource(strings = {"28P01", "28000", "3D000", "42501"})
  void aDatabaseThatLetsNobodyInIsWaitedFor(String sqlState) {
    assertTrue(Failures.isAway(new PgException("refused", "FATAL", sqlState, null)));
    assertTrue(Failures.isAway(new SQLException("refused", sqlState)));
  }

  @Test
  void aTransactionThatStoodStillForTooLongIsBegunAgain() {
    assertTrue(Failures.isAway(new PgException("idle", "FATAL", "25P03", null)));
    assertTrue(Failures.isAway(new SQLException("idle", "25P03")));
  }

  @Test
  void whatTheDatabaseDoesNotTakeIsNotWaitedFor() {
    assertFalse(Failures.isAway(new PgException("too long", "ERROR", "22001", null)));
    assertFalse(Failures.isAway(new SQLException("twice", "23505")));
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
