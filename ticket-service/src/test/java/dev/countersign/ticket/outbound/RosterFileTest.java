package dev.countersign.ticket.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.config.BadFile;
import dev.countersign.events.Agent;
import dev.countersign.events.Assurance;
import dev.countersign.events.Requirement;
import dev.countersign.ticket.domain.Approver;
import dev.countersign.ticket.domain.Budget;
import dev.countersign.ticket.domain.Electorate;
import dev.countersign.ticket.domain.Opening;
import dev.countersign.ticket.domain.TicketMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who may answer, by the operator's file.
@SuppressWarnings("NullAway.Init") // opened before each test
class RosterFileTest {

  private static final Instant NOON = Instant.parse("2026-11-26T12:00:00Z");

  @TempDir Path folder;
  private RosterFile roster;

  @BeforeEach
  void open() throws IOException, BadFile {
    Files.writeString(
        folder.resolve("approvers.yaml"),
        """
        approvers:
          - id: alice
            addresses: {mail: alice@acme.example}
            zone: Asia/Tokyo
            weeklyBudget: 7
            standIns: [{by: dave, from: "2026-12-01", until: "2026-12-02"}]
          - {id: bob, addresses: {mail: bob@acme.example}}
          - {id: strasse, addresses: {mail: strasse@acme.example}}
          - {id: dave, addresses: {mail: dave@acme.example}}
          - {id: erin, addresses: {pager: "4711"}}
          - {id: frank, addresses: {mail: frank@acme.example}}
        groups:
          finance: [alice, bob, strasse]
          platform: [erin, frank]
        attention: {agentPromptsPerHour: 5}
        agents:
          - {id: Ledger-Bot, owner: " ALICE@acme.example "}
          - {id: noisy-bot, promptsPerHour: 2}
        """);
    roster = new RosterFile(folder);
  }

  @AfterEach
  void close() {
    roster.close();
  }

  @Test
  void whoIsBehindARequestIsKnownHoweverTheyAreSpelt() {
    for (String spelling :
        List.of("alice", " Alice ", "\uFF21\uFF4C\uFF49\uFF43\uFF45", "ALICE@acme.example")) {
      assertBehind("alice", new Agent("bot", null, null, spelling));
      assertBehind("alice", new Agent("bot", null, null, null, spelling));
      assertBehind("alice", new Agent(spelling, null, null, null));
    }
    assertBehind("strasse", new Agent("bot", null, null, "Stra\u00DFe"));
    assertBehind("strasse", new Agent("bot", null, null, "STRA\u1E9EE"));
    assertBehind("alice", new Agent(" ledger-BOT", null, null, null));
    assertEquals(
        Set.of("alice", "bob", "dave"),
        roster.electorate(new Agent("ledger-bot", null, null, "bob", "dave"), NOON).behind());
    assertEquals(
        Set.of(), roster.electorate(new Agent("bot", null, null, "mallory"), NOON).behind());
  }

  private void assertBehind(String who, Agent agent) {
    assertEquals(Set.of(who), roster.electorate(agent, NOON).behind(), agent.toString());
  }

  @Test
  void aStandInMayAnswerOnTheDaysOfTheOneWhoIsAwayAndNotBeforeOrAfter() {
    // The first of December begins in Tokyo at three in the afternoon of the day before, UTC.
    assertFalse(answersInFinance("dave", Instant.parse("2026-11-30T14:59:59Z")));
    assertTrue(answersInFinance("dave", Instant.parse("2026-11-30T15:00:00Z")));
    assertTrue(answersInFinance("dave", Instant.parse("2026-12-02T14:59:59Z")));
    assertFalse(answersInFinance("dave", Instant.parse("2026-12-02T15:00:00Z")));
    assertTrue(answersInFinance("alice", Instant.parse("2026-12-01T12:00:00Z")), "she still may");
  }

  @Test
  void whoCannotBeReachedFillsNoSeatAndATicketThatWouldNeedThemDoesNotOpen() {
    Electorate electorate = roster.electorate(new Agent("bot", null, null, null), NOON);
    assertFalse(electorate.approvers().stream().map(Approver::id).anyMatch("erin"::equals));
    assertEquals(
        new Opening.Opens(List.of("frank")), TicketMachine.open(ofPlatform(1), electorate));
    Opening.Unsatisfiable no =
        assertInstanceOf(
            Opening.Unsatisfiable.class, TicketMachine.open(ofPlatform(2), electorate));
    assertTrue(no.reason().text().contains("no mail address"), no.reason().text());
    assertBehind("erin", new Agent("bot", null, null, "erin"));
  }

  private static Requirement ofPlatform(int count) {
    return new Requirement(
        List.of(new Requirement.Quorum(List.of("platform"), count)),
        Assurance.CODE,
        Duration.ofHours(1),
        List.of("mail"),
        List.of(),
        null);
  }

  private boolean answersInFinance(String who, Instant at) {
    Electorate electorate = roster.electorate(new Agent("bot", null, null, null), at);
    boolean inElectorate =
        electorate.approvers().stream()
            .filter(each -> each.groups().contains("finance"))
            .map(Approver::id)
            .anyMatch(who::equals);
    assertEquals(inElectorate, roster.groups(who, at).contains("finance"));
    return inElectorate;
  }

  @Test
  void aBudgetIsOnesOwnOrThatOfEverybodyAndAnAgentHasOneHoweverItIsSpelt() {
    assertEquals(7, roster.weekly("alice", NOON).most());
    assertEquals(Budget.ENDLESS, roster.weekly("bob", NOON).most());
    Budget noisy = roster.hourly(new Agent("noisy-bot", "a", "run-1", null), NOON);
    assertEquals(2, noisy.most());
    assertEquals(noisy, roster.hourly(new Agent(" NOISY-bot", "b", null, null), NOON));
    assertEquals(5, roster.hourly(new Agent("another-bot", null, null, null), NOON).most());
    // Tokyo's Monday begins on our Sunday.
    Instant sunday = Instant.parse("2026-11-29T15:00:00Z");
    assertEquals("2026-11-30", roster.weekly("alice", sunday).meter().period());
    assertEquals("2026-11-23", roster.weekly("bob", sunday).meter().period());
  }
}
