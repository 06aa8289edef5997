package dev.countersign.gateway.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdempotencyKeyTest {

  private static final String ID = "018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d";

  @ParameterizedTest
  @ValueSource(strings = {ID, "\"" + ID + "\"", " 018F6F3E-9D5C-7C3E-8F4A-0D1F2A3B4C5D "})
  void aUuidIsTheActionId(String header) {
    assertEquals(ID, IdempotencyKey.of(header).actionId("billing-bot", null).toString());
  }

  /// Counterpart: Python's uuid.uuid5 of the namespace and "billing-bot\0invoice-4711".
  @Test
  void anyOtherKeyIsNamedByAgentAndKey() {
    IdempotencyKey key = IdempotencyKey.of("invoice-4711");
    assertEquals(
        "879ed330-c1d0-538f-b544-b50c78df3023", key.actionId("billing-bot", null).toString());
    assertNotEquals(key.actionId("billing-bot", null), key.actionId("other-bot", null));
  }

  /// Counterpart: the same, of the namespace that is uuid.uuid5 of ours and "acme".
  @Test
  void namesakesOfTwoPlatformsMayUseTheSameKey() {
    IdempotencyKey key = IdempotencyKey.of("invoice-4711");
    assertEquals(
        "d700dee1-6e90-5ba4-aaa0-6ad5ac5cc9e4", key.actionId("billing-bot", "acme").toString());
    assertNotEquals(key.actionId("billing-bot", "acme"), key.actionId("billing-bot", "other"));
  }

  @Test
  void aPlaceOfABatchHasAKeyOfItsOwnHoweverLongTheBatchsIs() {
    assertEquals(
        IdempotencyKey.of("run-7/12").actionId("billing-bot", null),
        IdempotencyKey.of("run-7").at(12).actionId("billing-bot", null));
    assertEquals(
        IdempotencyKey.of(" run-7/12").actionId("billing-bot", null),
        IdempotencyKey.of("\" run-7\"").at(12).actionId("billing-bot", null));
    IdempotencyKey longest = IdempotencyKey.of("k".repeat(255));
    assertNotEquals(
        longest.at(1).actionId("billing-bot", null), longest.at(2).actionId("billing-bot", null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "\"\"", "naïve", "a\u0007b"})
  void whatIsNotPrintableIsNoKey(String header) {
    assertThrows(IllegalArgumentException.class, () -> IdempotencyKey.of(header));
  }
}
