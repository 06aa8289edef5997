package dev.countersign.ticket.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.ticket.domain.Budget.Reading;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AttentionTest {

  private static final Instant NOON = Instant.parse("2026-11-26T12:00:00Z");
  private static final Budget BOT = agent("billing-bot", 60);
  private static final Budget ALICE = approver("alice", 3);
  private static final Budget BOB = approver("bob", Budget.ENDLESS);

  @Test
  void ofAThousandProposalsAsManyReachPeopleAsTheAgentsBudgetBears() {
    List<Asking> askings =
        IntStream.range(0, 1_000).mapToObj(each -> asking("q" + each, BOT, BOB)).toList();

    Attention.Shares shares = Attention.share(askings, Map.of(), Map.of());

    assertEquals(
        60, shares.prompted().values().stream().filter(people -> !people.isEmpty()).count());
    assertEquals(new Reading(60, 940), shares.readings().get(BOT.meter()));
    assertEquals(new Reading(60, 0), shares.readings().get(BOB.meter()));
    assertEquals(List.of(new Attention.Alarm(askings.get(60).actionId(), BOT)), shares.alarms());
  }

  @Test
  void overAPersonsBudgetTheOthersAreAskedAndTheAlarmIsRaisedOnce() {
    List<Asking> askings =
        IntStream.range(0, 5).mapToObj(each -> asking("q" + each, BOT, ALICE, BOB)).toList();

    Attention.Shares shares = Attention.share(askings, Map.of(), Map.of());

    List<List<String>> both = List.of(List.of("alice", "bob"));
    assertEquals(
        List.of(both.getFirst(), both.getFirst(), both.getFirst(), List.of("bob"), List.of("bob")),
        askings.stream().map(each -> prompted(shares, each)).toList());
    assertEquals(List.of(new Attention.Alarm(askings.get(3).actionId(), ALICE)), shares.alarms());
    assertTrue(
        shares.alarms().getFirst().sentence().startsWith("alice was asked 3 times this week"));
  }

  @Test
  void whereNobodyIsLeftWithinBudgetNobodyIsToldAndItIsNotTheAgentsPrompt() {
    Asking asking = asking("q", BOT, ALICE);
    Attention.Shares shares =
        Attention.share(List.of(asking), Map.of(ALICE.meter(), new Reading(3, 1)), Map.of());

    assertEquals(List.of(), prompted(shares, asking));
    assertEquals(List.of(), shares.alarms(), "it was raised before");
    assertEquals(new Reading(3, 2), shares.readings().get(ALICE.meter()));
    assertEquals(Reading.ZERO, shares.readings().getOrDefault(BOT.meter(), Reading.ZERO));
  }

  @Test
  void whoWasToldOfAPendingQuestionIsNotToldAgainWhenItIsAskedAgain() {
    Asking first = asking("q", BOT, ALICE, BOB);
    Asking again = asking("q", BOT, ALICE, BOB);
    Asking onFile = asking("on file", BOT, ALICE, BOB);

    Attention.Shares shares =
        Attention.share(
            List.of(first, again, onFile), Map.of(), Map.of(onFile.question(), Set.of("alice")));

    assertEquals(List.of("alice", "bob"), prompted(shares, first));
    assertEquals(List.of(), prompted(shares, again));
    assertEquals(List.of("bob"), prompted(shares, onFile));
    assertEquals(new Reading(2, 0), shares.readings().get(BOT.meter()));
  }

  @Test
  void whateverComesNobodyIsToldMoreThanTheirBudgetBearsNorWhoMayNotAnswer() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      List<Budget> people =
          List.of(approver("alice", random.nextInt(5)), approver("carol", random.nextInt(9)), BOB);
      List<Budget> agents = List.of(agent("a", random.nextInt(5)), agent("b", random.nextInt(20)));
      List<Asking> askings = new ArrayList<>();
      for (int i = random.nextInt(60); i > 0; i--) {
        askings.add(
            new Asking(
                id(),
                digest("q" + random.nextInt(20)),
                agents.get(random.nextInt(2)),
                people.subList(0, random.nextInt(4))));
      }
      Map<Meter, Reading> before = new HashMap<>();
      people.forEach(each -> before.put(each.meter(), new Reading(random.nextInt(4), 0)));
      Attention.Shares shares = Attention.share(askings, before, Map.of());
      for (Budget each : people) {
        int was = Objects.requireNonNull(before.get(each.meter())).prompts();
        int is = Objects.requireNonNull(shares.readings().get(each.meter())).prompts();
        assertTrue(is <= Math.max(was, each.most()), "seed " + seed);
        long told =
            askings.stream()
                .filter(it -> prompted(shares, it).contains(each.meter().who()))
                .count();
        assertEquals(is - was, told, "seed " + seed);
      }
      Set<String> alarms = new HashSet<>();
      shares.alarms().forEach(each -> assertTrue(alarms.add(each.budget().meter().who())));
      for (Asking each : askings) {
        assertTrue(
            each.approvers().stream()
                .map(it -> it.meter().who())
                .toList()
                .containsAll(prompted(shares, each)),
            "seed " + seed);
      }
    }
  }

  @Test
  void aWeekBeginsOnMondayInTheZoneOfThePerson() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    assertEquals("2026-11-23", Meter.ofWeek("alice", berlin, NOON).period());
    // Sunday evening in London, Monday in Berlin.
    Instant midnight = Instant.parse("2026-11-29T23:00:00Z");
    assertEquals("2026-11-30", Meter.ofWeek("alice", berlin, midnight).period());
    assertEquals("2026-11-23", Meter.ofWeek("bob", ZoneOffset.UTC, midnight).period());
    assertEquals("2026-11-23", Meter.ofWeek("alice", berlin, midnight.minusMillis(1)).period());
    assertEquals("2026-11-26T12:00:00Z", Meter.ofHour("bot", NOON.plusSeconds(3_599)).period());
  }

  @Test
  void aNameThatNoIndexBearsIsFoundByItsBeginningAndItsDigest() {
    String at = "é".repeat(200);
    assertEquals(at, Names.indexed(at));
    String long1 = "\uD83D\uDE80".repeat(30_000) + "1";
    String long2 = "\uD83D\uDE80".repeat(30_000) + "2";
    assertTrue(Names.indexed(long1).getBytes(StandardCharsets.UTF_8).length < 600);
    assertTrue(!Names.indexed(long1).equals(Names.indexed(long2)));
    assertEquals("aU+0000b", Names.indexed("a\0b"));
  }

  private static List<String> prompted(Attention.Shares shares, Asking asking) {
    return Objects.requireNonNull(shares.prompted().get(asking.actionId()));
  }

  private static Asking asking(String question, Budget agent, Budget... approvers) {
    return new Asking(id(), digest(question), agent, Arrays.asList(approvers));
  }

  private static ActionId id() {
    return new ActionId(UUID.randomUUID());
  }

  private static Digest digest(String question) {
    return Digest.of(question.getBytes(StandardCharsets.UTF_8));
  }

  private static Budget approver(String id, int most) {
    return new Budget(Meter.ofWeek(id, ZoneOffset.UTC, NOON), most);
  }

  private static Budget agent(String id, int most) {
    return new Budget(Meter.ofHour(id, NOON), most);
  }
}
