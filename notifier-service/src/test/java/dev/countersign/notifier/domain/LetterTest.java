package dev.countersign.notifier.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionId;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LetterTest {

  @Test
  void theAnswerCarriesTheAsksSubjectSoThatMailboxesThreadIt() {
    String ask = letter(Step.ASK, "Send money", "2026-11-21T14:32:00Z").subject();
    assertEquals("Approval needed: Send money [7F-KQ]", ask);
    assertEquals("Re: " + ask, letter(Step.ANSWER, "Send money", "2026-11-21T14:32:00Z").subject());
    assertEquals(
        "Still waiting: " + ask,
        letter(Step.escalation(2), "Send money", "2026-11-21T14:32:00Z").subject());
    assertEquals(
        "Reminder: " + ask, letter(Step.REMINDER, "Send money", "2026-11-21T14:32:00Z").subject());
  }

  @Test
  void nothingHidesInATitle() {
    String subject =
        letter(Step.ASK, "Pay\r\nBcc: eve@evil.example\u202Egnp.exe", "2026-11-21T14:32:00Z")
            .subject();
    assertEquals(
        "Approval needed: PayU+000DU+000ABcc: eve@evil.exampleU+202Egnp.exe [7F-KQ]", subject);
  }

  @Test
  void aLongTitleIsCutInTheSubjectOnly() {
    Letter letter = letter(Step.ASK, "x".repeat(500), "2026-11-21T14:32:00Z");
    assertTrue(letter.subject().length() < 160);
    assertTrue(letter.subject().contains("x… [7F-KQ]"));
    assertEquals(500, letter.title().length());
  }

  @Test
  void theDeadlineIsOnTheReadersClock() {
    Letter letter = letter(Step.ASK, "Send money", "2026-11-21T14:32:00Z");
    assertEquals("21 November 2026, 14:32 (UTC)", letter.until(ZoneOffset.UTC));
    assertEquals(
        "21 November 2026, 15:32 (Europe/Berlin)", letter.until(ZoneId.of("Europe/Berlin")));
    assertEquals(
        "21 November 2026, 14:32:07 (UTC)",
        letter(Step.ASK, "Send money", "2026-11-21T14:32:07.9Z").until(ZoneOffset.UTC));
  }

  @Test
  void ofASetThatEndedInSeveralWaysItSaysHowMany() {
    Letter mixed =
        letter(
            Step.ANSWER,
            "Send money",
            "2026-11-21T14:32:00Z",
            new Together(3, Map.of(Answered.REJECTED, 1, Answered.APPROVED, 2)));
    assertEquals("Answered", mixed.ended());
    assertTrue(mixed.endedHow().contains("2 approved, 1 rejected"), mixed.endedHow());
    assertFalse(mixed.yes());
    Letter alike =
        letter(
            Step.ANSWER,
            "Send money",
            "2026-11-21T14:32:00Z",
            new Together(3, Map.of(Answered.APPROVED, 3)));
    assertEquals("Approved", alike.ended());
    assertTrue(alike.yes());
  }

  @Test
  void anAskForASetSaysThatItIsForAllOfIt() {
    String deadline = "2026-11-21T14:32:00Z";
    String besides =
        String.valueOf(
            letter(Step.ASK, "Send money", deadline, new Together(3, Map.of())).besides());
    assertTrue(besides.startsWith("It is one of 3"), besides);
    assertTrue(besides.endsWith("Each has its own deadline, and some may end sooner."), besides);
    assertNull(letter(Step.ASK, "Send money", deadline, new Together(1, Map.of())).besides());
    assertNull(letter(Step.ASK, "Send money", deadline).besides());
  }

  private static Letter letter(Step step, String title, String deadline) {
    return letter(step, title, deadline, null);
  }

  private static Letter letter(
      Step step, String title, String deadline, @Nullable Together together) {
    return new Letter(
        1,
        1,
        ActionId.of("018f0000-0000-7000-8000-000000000001"),
        "alice",
        step,
        title,
        "ACME GmbH",
        "7F-KQ",
        "http://localhost:8082/tickets/018f0000-0000-7000-8000-000000000001",
        Instant.parse(deadline),
        step.kind() == Step.Kind.ANSWER ? Answered.APPROVED : null,
        "<a@localhost>",
        "<b@localhost>",
        together);
  }
}
