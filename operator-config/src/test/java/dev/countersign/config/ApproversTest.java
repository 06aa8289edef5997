package dev.countersign.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApproversTest {

  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

  @TempDir Path folder;

  @Test
  void theShippedSampleIsInForce() throws Exception {
    try (OperatorFile<Approvers> file =
        OperatorFile.open(
            Path.of("../config/approvers.yaml"), Approvers.SCHEMA, Approvers::parse)) {
      Approvers approvers = file.current();
      assertEquals(Set.of("finance", "communications"), approvers.groupsOf("alice", NOON));
      assertEquals(
          List.of("alice", "bob", "carol"),
          approvers.membersOf(List.of("finance"), NOON).stream().map(Approver::id).toList());
      assertEquals("carol", approvers.ownerOf("LEDGER-bot ").orElseThrow());
    }
  }

  @Test
  void aPersonIsFoundByIdOrAddressHoweverItIsSpelt() throws Exception {
    Approvers approvers = read(TWO);
    for (String spelling :
        List.of("ann", " ANN ", "Ann@Acme.Example", "\uFF41nn@acme.example", "ann\u00A0")) {
      assertEquals("ann", approvers.find(spelling).orElseThrow().id(), spelling);
    }
    assertEquals("strasse", Approvers.fold("STRAẞE"));
    assertEquals(Approvers.fold("straße"), Approvers.fold("STRASSE"));
    assertTrue(approvers.find("anna").isEmpty());
  }

  @Test
  void aStandInAnswersInTheGroupsOfWhomeverIsAwayOnTheseDays() throws Exception {
    Approvers approvers = read(TWO);
    assertEquals(Set.of(), approvers.groupsOf("ben", Instant.parse("2026-11-30T22:59:59Z")));
    // Ann's first day away begins at midnight in Berlin.
    assertEquals(Set.of("g"), approvers.groupsOf("ben", Instant.parse("2026-11-30T23:00:00Z")));
    assertEquals(Set.of("g"), approvers.groupsOf("ben", Instant.parse("2026-12-02T22:59:59Z")));
    assertEquals(Set.of(), approvers.groupsOf("ben", Instant.parse("2026-12-02T23:00:00Z")));
  }

  @Test
  void theAdminsAreAGroupThatNobodyStandsInFor() throws Exception {
    Approvers approvers = read(TWO + "admins: [ann]\n");
    assertEquals(Set.of("g", "admins"), approvers.groupsOf("ann", NOON));
    assertEquals(Set.of("g"), approvers.groupsOf("ben", Instant.parse("2026-12-01T12:00:00Z")));
    refused(TWO.replace("g:", "admins:"), "approvers.yaml:13: ");
  }

  @Test
  void quietHoursGoOverMidnight() throws Exception {
    Approver ann = read(TWO).findById("ann").orElseThrow();
    Optional<Instant> morning = Optional.of(Instant.parse("2026-11-22T05:30:00Z"));
    assertEquals(morning, ann.quietUntil(Instant.parse("2026-11-21T21:00:00Z")));
    assertEquals(morning, ann.quietUntil(Instant.parse("2026-11-22T05:29:59Z")));
    assertEquals(Optional.empty(), ann.quietUntil(Instant.parse("2026-11-22T05:30:00Z")));
    assertEquals(Optional.empty(), ann.quietUntil(NOON));
  }

  @Test
  void whoeverNamesNoBudgetHasThatOfEverybody() throws Exception {
    Approvers without = read(TWO);
    assertTrue(without.weeklyBudget("ann").isEmpty());
    assertEquals(60, without.promptsPerHour("billing-bot"));
    Approvers with =
        read(
            TWO.replace("name: Ann", "weeklyBudget: 40")
                + """
                attention: {weeklyBudget: 100, agentPromptsPerHour: 30}
                agents: [{id: Billing-Bot, promptsPerHour: 0}]
                """);
    assertEquals(40, with.weeklyBudget("ann").orElseThrow());
    assertEquals(100, with.weeklyBudget("ben").orElseThrow());
    assertEquals(0, with.promptsPerHour(" billing-bot"));
    assertEquals(30, with.promptsPerHour("another-bot"));
    assertTrue(with.ownerOf("billing-bot").isEmpty());
  }

  @Test
  void aPolicyOwnerIsAPersonOfTheFile() throws Exception {
    assertTrue(read(TWO + "policyOwners: [ann]\n").isPolicyOwner("ann"));
    refused(TWO + "policyOwners: [zoe]\n", "\"zoe\" is no approver of this file");
  }

  @Test
  void aNameBelongsToOnePerson() {
    refused(
        TWO.replace("ben@acme.example", "ANN@acme.example"),
        "approvers.yaml:11: \"ANN@acme.example\" is also ann's");
  }

  @Test
  void nobodyIsCalledAsAPartyOfTheLogIs() {
    refused(TWO.replace("- id: ben", "- id: Operator"), "is how the log calls a party of its own");
  }

  @Test
  void aGroupNamesPeopleOfTheFile() {
    refused(TWO.replace("g: [ann]", "g: [ann, zoe]"), "\"zoe\" is no approver of this file");
  }

  @Test
  void anAgentBelongsToSomebodyOfTheFile() throws Exception {
    String agents = TWO + "agents:\n  - {id: bot, owner: ben}\n  - {id: ledger-bot, owner: %s}\n";
    assertEquals("ann", read(agents.formatted("ann")).ownerOf("ledger-bot").orElseThrow());
    String address = "ANN@acme.example";
    assertEquals(address, read(agents.formatted(address)).ownerOf("ledger-bot").orElseThrow());
    refused(
        agents.formatted("zoe"),
        "approvers.yaml:16: \"zoe\" is no approver of this file; write the id or an address");
  }

  @Test
  void anAgentStandsOnceHoweverItIsSpelt() {
    refused(
        TWO
            + """
            agents:
              - {id: ledger-bot, owner: ann}
              - {id: " Ledger-BOT", promptsPerHour: 5}
            """,
        "approvers.yaml:16: \" Ledger-BOT\" stands twice");
  }

  @Test
  void aStandInIsSomebodyElseOfTheFile() {
    refused(TWO.replace("by: ben", "by: ann"), "nobody stands in for themselves");
    refused(TWO.replace("by: ben", "by: zoe"), "\"zoe\" is no approver of this file");
    refused(TWO.replace("2026-12-02", "2026-11-02"), "it ends before it begins");
  }

  @Test
  void whatTheSchemaDoesNotKnowIsRefused() {
    refused(TWO.replace("zone:", "zoen:"), "approvers.yaml:6: ");
    refused(TWO.replace("Europe/Berlin", "Mars/Base"), "no such time zone");
    refused(TWO.replace("mail: ben@acme.example", "mail: ben"), "approvers.yaml:11: ");
  }

  private static final String TWO =
      """
      approvers:
        - id: ann
          name: Ann
          addresses:
            mail: ann@acme.example
          zone: Europe/Berlin
          quietHours: {from: "22:00", until: "06:30"}
          standIns: [{by: ben, from: "2026-12-01", until: "2026-12-02"}]
        - id: ben
          addresses:
            mail: ben@acme.example
      groups:
        g: [ann]
      """;

  private Approvers read(String yaml) throws Exception {
    Path path = Files.writeString(folder.resolve("approvers.yaml"), yaml);
    try (OperatorFile<Approvers> file =
        OperatorFile.open(path, Approvers.SCHEMA, Approvers::parse)) {
      return file.current();
    }
  }

  private void refused(String yaml, String problem) {
    BadFile bad = assertThrows(BadFile.class, () -> read(yaml));
    assertTrue(bad.problem().contains(problem), bad.problem());
  }
}
