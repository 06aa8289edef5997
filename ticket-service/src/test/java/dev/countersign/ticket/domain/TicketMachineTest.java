package dev.countersign.ticket.domain;

import static dev.countersign.ticket.domain.Samples.BEFORE;
import static dev.countersign.ticket.domain.Samples.DEADLINE;
import static dev.countersign.ticket.domain.Samples.PEOPLE;
import static dev.countersign.ticket.domain.Samples.electorate;
import static dev.countersign.ticket.domain.Samples.pending;
import static dev.countersign.ticket.domain.Samples.requirement;
import static dev.countersign.ticket.domain.Samples.seats;
import static dev.countersign.ticket.domain.Samples.vote;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Digest;
import dev.countersign.events.Requirement;
import dev.countersign.events.Seats;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TicketMachineTest {

  private static final Requirement ONE = requirement(Assurance.CODE, seats(1, "finance"));
  private static final Ticket.Pending ANY = pending(ONE);

  @Test
  void theRequesterMayNotVoteNotEvenNo() {
    Ticket.Pending ticket = pending(ONE);
    assertRefused(Refusal.OWN_REQUEST, ticket, vote(ticket, "carol", Answer.APPROVE, BEFORE));
    assertRefused(Refusal.OWN_REQUEST, ticket, vote(ticket, "carol", Answer.REJECT, BEFORE));
  }

  @Test
  void whereAPasskeyIsAskedForACodeDecidesNothingNotEvenNo() {
    Ticket.Pending ticket = pending(requirement(Assurance.PASSKEY, seats(1, "finance")));
    assertRefused(Refusal.TOO_WEAK, ticket, vote(ticket, "bob", Answer.APPROVE, BEFORE));
    assertRefused(Refusal.TOO_WEAK, ticket, vote(ticket, "bob", Answer.REJECT, BEFORE));
  }

  @Test
  void whereNoPasskeyIsAskedForAWeakNoIsAsGoodAsAStrongOne() {
    Ticket.Pending ticket = pending(requirement(Assurance.CHANNEL, seats(1, "finance")));
    assertRefused(Refusal.TOO_WEAK, ticket, vote(ticket, "bob", Answer.APPROVE, BEFORE));
    assertAnswered(Ticket.Rejected.class, ticket, vote(ticket, "bob", Answer.REJECT, BEFORE));
  }

  @Test
  void aVoteIsBoundToWhatWasShown() {
    Ticket.Pending ticket = pending(ONE);
    Command.Vote vote = vote(ticket, "bob", Answer.APPROVE, BEFORE);
    Command.Vote ofAnotherPrompt =
        Samples.command(
            vote.at(),
            vote.approver(),
            vote.assurance(),
            vote.answer(),
            vote.version(),
            Digest.of(new byte[] {9}),
            vote.typed(),
            null,
            null,
            PEOPLE,
            Brakes.NONE);
    assertRefused(Refusal.STALE, ticket, ofAnotherPrompt);
  }

  @Test
  void whatIsTypedMayBeSpacedOtherwiseAndNothingElse() {
    Ticket.Pending ticket = pending(ONE);
    for (String typed : List.of("EUR 48,200.00", " EUR  48,200.00 ")) {
      assertAnswered(Ticket.Approved.class, ticket, typing(ticket, Map.of(0, typed)));
    }
    for (String typed :
        List.of(
            "",
            "eur 48,200.00",
            "EUR 48,200.0",
            "EUR 48.200,00",
            "EUR48,200.00",
            "EUR 48,200. 00",
            "EUR\u00A048,200.00",
            "EUR 48,200.0\uFF10")) {
      assertRefused(Refusal.NOT_CONFIRMED, ticket, typing(ticket, Map.of(0, typed)));
    }
    assertRefused(Refusal.NOT_CONFIRMED, ticket, typing(ticket, Map.of()));
    assertRefused(Refusal.NOT_CONFIRMED, ticket, typing(ticket, Map.of(1, "EUR 48,200.00")));
  }

  @Test
  void aPersonOfBothGroupsFillsOneSeatAndTheOneThatIsNeeded() {
    // One of finance, one of platform. Bob is of both: whoever came first, he takes the other seat.
    Requirement both = requirement(Assurance.CODE, seats(1, "finance"), seats(1, "platform"));
    for (String first : List.of("alice", "dave")) {
      Ticket.Pending once = counted(pending(both), "bob", 1);
      assertAnswered(Ticket.Approved.class, once, vote(once, first, Answer.APPROVE, BEFORE));
      Ticket.Pending other = counted(pending(both), first, 1);
      assertAnswered(Ticket.Approved.class, other, vote(other, "bob", Answer.APPROVE, BEFORE));
    }
    assertEquals(
        new Outcome.Unchanged(counted(pending(both), "bob", 1)),
        TicketMachine.decide(
            counted(pending(both), "bob", 1),
            vote(counted(pending(both), "bob", 1), "bob", Answer.APPROVE, BEFORE)));
  }

  @Test
  void ofMoreVotesThanAGroupHasSeatsAnApprovalRestsOnOneForEach() {
    Requirement both = requirement(Assurance.CODE, seats(1, "finance"), seats(1, "platform"));
    Electorate people =
        electorate(
            Map.of(
                "alice", Set.of("finance"), "bob", Set.of("finance"), "dave", Set.of("platform")),
            Set.of());
    Tally waiting = Tally.of(List.of(yes("alice"), yes("bob")), both, people);
    assertEquals(1, waiting.filled());
    Tally full = Tally.of(List.of(yes("alice"), yes("bob"), yes("dave")), both, people);
    assertTrue(full.isFull());
    assertEquals(2, full.counting().size());
    assertEquals("dave", full.counting().getLast().approver());
  }

  @Test
  void whoLeftTheGroupSinceTheyVotedFillsNoSeat() {
    Requirement two = requirement(Assurance.CODE, seats(2, "finance"));
    Ticket.Pending ticket = counted(pending(two), "alice", 1);
    Electorate withoutAlice =
        electorate(Map.of("alice", Set.of(), "bob", Set.of("finance")), Set.of());
    Command.Vote vote = vote(ticket, "bob", Answer.APPROVE, BEFORE);
    Outcome outcome =
        TicketMachine.decide(
            ticket,
            Samples.command(
                vote.at(),
                vote.approver(),
                vote.assurance(),
                vote.answer(),
                vote.version(),
                vote.shown(),
                vote.typed(),
                null,
                null,
                withoutAlice,
                Brakes.NONE));
    assertEquals(1, assertInstanceOf(Outcome.Counted.class, outcome).votesSoFar());
  }

  @Test
  void whoComesBackFillsTheirSeatAgainWhetherSomebodyVotesOnceMoreOrNobodyDoes() {
    Ticket.Pending ticket = waitingWithEnough();
    Command.Judge judge = new Command.Judge(BEFORE, PEOPLE, false);
    Outcome.Answered judged =
        assertInstanceOf(Outcome.Answered.class, TicketMachine.decide(ticket, judge));
    assertEquals(Optional.empty(), judged.vote());
    assertEquals(2, judged.votesSoFar());
    assertEquals(
        List.of("alice", "bob"),
        assertInstanceOf(Ticket.Approved.class, judged.ticket()).votes().stream()
            .map(Vote::approver)
            .toList());
    assertEquals(
        judged, TicketMachine.decide(ticket, vote(ticket, "alice", Answer.APPROVE, BEFORE)));
    Electorate without =
        electorate(Map.of("bob", Set.of("finance"), "dave", Set.of("platform")), Set.of());
    assertEquals(
        new Outcome.Unchanged(ticket),
        TicketMachine.decide(ticket, new Command.Judge(BEFORE, without, false)));
  }

  @Test
  void nothingOfAHeldSessionIsApprovedBySomebodyWhoComesBack() {
    Ticket.Pending ticket = waitingWithEnough();
    assertEquals(
        new Outcome.Unchanged(ticket),
        TicketMachine.decide(ticket, new Command.Judge(BEFORE, PEOPLE, true)));
    Command.Vote again = vote(ticket, "bob", Answer.APPROVE, BEFORE);
    assertEquals(
        new Outcome.Unchanged(ticket),
        TicketMachine.decide(
            ticket,
            Samples.command(
                again.at(),
                again.approver(),
                again.assurance(),
                again.answer(),
                again.version(),
                again.shown(),
                again.typed(),
                null,
                null,
                PEOPLE,
                new Brakes(true, Pace.CALM))));
  }

  /// Both have voted, and one of them was away when the other did.
  private static Ticket.Pending waitingWithEnough() {
    Requirement two = requirement(Assurance.CODE, seats(2, "finance"));
    return pending(two, yes("alice"), yes("bob"));
  }

  private static Vote yes(String approver) {
    return new Vote(
        approver, Answer.APPROVE, Assurance.CODE, Samples.OPENED, null, null, null, null);
  }

  @Test
  void aVoteWhosePasskeyWasRevokedSinceFillsNoSeatAndMayBeGivenAnew() {
    Requirement two = requirement(Assurance.PASSKEY, seats(2, "finance"));
    Vote lapsed =
        new Vote(
            "alice",
            Answer.APPROVE,
            Assurance.PASSKEY,
            Samples.OPENED,
            null,
            null,
            null,
            Samples.OPENED.plusSeconds(60));
    Ticket.Pending ticket = pending(two, lapsed);
    Outcome.Counted bobs =
        assertInstanceOf(
            Outcome.Counted.class, TicketMachine.decide(ticket, byPasskey(ticket, "bob")));
    assertEquals(1, bobs.votesSoFar());
    Outcome.Answered anew =
        assertInstanceOf(
            Outcome.Answered.class,
            TicketMachine.decide(bobs.ticket(), byPasskey(bobs.ticket(), "alice")));
    assertEquals(
        List.of("bob", "alice"),
        assertInstanceOf(Ticket.Approved.class, anew.ticket()).votes().stream()
            .map(Vote::approver)
            .toList());
    assertEquals(2, anew.votesSoFar());
    // One who votes anew is one, however often they voted.
    Outcome.Counted alone =
        assertInstanceOf(
            Outcome.Counted.class, TicketMachine.decide(ticket, byPasskey(ticket, "alice")));
    assertEquals(1, alone.votesSoFar());
    assertEquals(1, alone.ticket().votes().size());
    // Nor does it stand behind a no.
    assertEquals(
        0,
        assertInstanceOf(
                Outcome.Answered.class,
                TicketMachine.decide(
                    ticket, Samples.signed(vote(ticket, "bob", Answer.REJECT, BEFORE), true)))
            .votesSoFar());
  }

  @Test
  void aPasskeyThatWasRevokedWhileItsVoteWasOnTheWayAnswersNothingNotEvenNo() {
    Ticket.Pending ticket = pending(requirement(Assurance.PASSKEY, seats(1, "finance")));
    for (Answer answer : Answer.values()) {
      assertRefused(
          Refusal.PASSKEY_REVOKED,
          ticket,
          Samples.signed(vote(ticket, "bob", answer, BEFORE), false));
    }
  }

  @Test
  void whoIsNotHeardAboutATicketIsNotHeardAboutItsAnswerEither() {
    Ticket.Pending ticket = pending(requirement(Assurance.PASSKEY, seats(1, "finance")));
    Question question = ticket.question();
    Command.Vote code = vote(ticket, "bob", Answer.REJECT, DEADLINE);
    assertEquals(Optional.of(Refusal.TOO_WEAK), TicketMachine.unheard(question, code));
    assertEquals(Optional.empty(), TicketMachine.unheard(question, Samples.signed(code, true)));
    assertEquals(
        Optional.of(Refusal.PASSKEY_REVOKED),
        TicketMachine.unheard(question, Samples.signed(code, false)));
    assertEquals(
        Optional.of(Refusal.OWN_REQUEST),
        TicketMachine.unheard(question, vote(ticket, "carol", Answer.REJECT, DEADLINE)));
    assertEquals(
        Optional.of(Refusal.NOT_ELIGIBLE),
        TicketMachine.unheard(question, vote(ticket, "dave", Answer.REJECT, DEADLINE)));
  }

  private static Command.Vote byPasskey(Ticket.Pending ticket, String approver) {
    return Samples.signed(vote(ticket, approver, Answer.APPROVE, BEFORE), true);
  }

  @Test
  void oneRejectionDecidesAndItsReasonReachesTheAgent() {
    Ticket.Pending ticket =
        counted(pending(requirement(Assurance.CODE, seats(2, "finance"))), "alice", 1);
    Command.Vote vote = vote(ticket, "bob", Answer.REJECT, BEFORE);
    Command.Vote because =
        Samples.command(
            vote.at(),
            vote.approver(),
            vote.assurance(),
            vote.answer(),
            vote.version(),
            vote.shown(),
            Map.of(),
            "Pay it in December.",
            null,
            PEOPLE,
            Brakes.NONE);
    Ticket.Rejected rejected =
        (Ticket.Rejected) assertAnswered(Ticket.Rejected.class, ticket, because);
    assertEquals("Pay it in December.", rejected.reason().text());
    assertEquals("bob", rejected.by());
  }

  @Test
  void whoApprovedMayStillSayNoAndTheirApprovalIsGone() {
    Ticket.Pending ticket =
        counted(pending(requirement(Assurance.CODE, seats(2, "finance"))), "alice", 1);
    Outcome.Answered answered =
        assertInstanceOf(
            Outcome.Answered.class,
            TicketMachine.decide(ticket, vote(ticket, "alice", Answer.REJECT, BEFORE)));
    assertEquals("alice", assertInstanceOf(Ticket.Rejected.class, answered.ticket()).by());
    assertEquals(Answer.REJECT, answered.vote().orElseThrow().answer());
    assertEquals(0, answered.votesSoFar());
  }

  @Test
  void aNoByOneWhoApprovedIsBoundToWhatWasShownLikeAnyOther() {
    Ticket.Pending before = pending(requirement(Assurance.CODE, seats(2, "finance")));
    Ticket.Pending after = counted(before, "alice", 1);
    assertRefused(Refusal.STALE, after, vote(before, "alice", Answer.REJECT, BEFORE));
  }

  @Test
  void aTicketThatNobodyCouldFillDoesNotOpen() {
    // Carol is behind the request, so finance has two.
    assertUnsatisfiable(requirement(Assurance.CODE, seats(3, "finance")));
    // Bob cannot sit on both sides of the table, and Dave is not of finance.
    assertUnsatisfiable(requirement(Assurance.CODE, seats(2, "finance"), seats(2, "platform")));
    assertUnsatisfiable(requirement(Assurance.CODE, seats(1, "nobody")));
    assertUnsatisfiable(requirement(Assurance.CODE));
    assertUnsatisfiable(requirement(Assurance.CODE, seats(Integer.MAX_VALUE, "finance")));
    assertEquals(
        new Opening.Opens(List.of("alice", "bob")),
        TicketMachine.open(requirement(Assurance.CODE, seats(2, "finance")), PEOPLE));
  }

  @Test
  void nothingOfAHeldSessionIsApprovedAndARejectionAndTheDeadlineStay() {
    Ticket.Pending ticket = pending(ONE);
    Brakes held = new Brakes(true, Pace.CALM);
    assertRefused(Refusal.HELD, ticket, braked(vote(ticket, "bob", Answer.APPROVE, BEFORE), held));
    assertAnswered(
        Ticket.Rejected.class, ticket, braked(vote(ticket, "bob", Answer.REJECT, BEFORE), held));
    assertAnswered(
        Ticket.Expired.class, ticket, braked(vote(ticket, "bob", Answer.APPROVE, DEADLINE), held));
    assertRefused(
        Refusal.NOT_ELIGIBLE, ticket, braked(vote(ticket, "zoe", Answer.APPROVE, BEFORE), held));
  }

  @Test
  void whoWentFastPausesBeforeTheNextOfHighRiskAndMayRejectAtOnce() {
    Pace fast =
        new Pace(
            Duration.ofSeconds(10),
            BEFORE.minusSeconds(4),
            List.of(new Pace.Approval(BEFORE.minusSeconds(61), BEFORE.minusSeconds(60))));
    Brakes pausing = new Brakes(false, fast);
    Ticket.Pending high = pending(requirement(Assurance.PASSKEY, seats(1, "finance")));
    assertRefused(Refusal.TOO_SOON, high, signed(high, Answer.APPROVE, pausing, 0));
    assertRefused(Refusal.TOO_SOON, high, signed(high, Answer.APPROVE, pausing, -1));
    assertAnswered(Ticket.Rejected.class, high, signed(high, Answer.REJECT, pausing, 0));
    assertAnswered(Ticket.Approved.class, high, signed(high, Answer.APPROVE, Brakes.NONE, 0));
    // What a code may approve is not of high risk.
    Ticket.Pending low = pending(ONE);
    assertAnswered(
        Ticket.Approved.class, low, braked(vote(low, "bob", Answer.APPROVE, BEFORE), pausing));
  }

  private static Command.Vote signed(
      Ticket.Pending ticket, Answer answer, Brakes brakes, int seconds) {
    Command.Vote vote = vote(ticket, "bob", answer, BEFORE.plusSeconds(seconds));
    return Samples.signed(braked(vote, brakes), true);
  }

  private static Command.Vote braked(Command.Vote vote, Brakes brakes) {
    return Samples.command(
        vote.at(),
        vote.approver(),
        vote.assurance(),
        vote.answer(),
        vote.version(),
        vote.shown(),
        vote.typed(),
        vote.reason(),
        vote.proof(),
        vote.electorate(),
        brakes);
  }

  @Test
  void seatsAreFilledAsWellAsTheyCanBe() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      List<Approver> people = new ArrayList<>();
      for (int i = random.nextInt(6); i > 0; i--) {
        people.add(new Approver("p" + i, someGroups(random)));
      }
      Requirement.Quorum[] quorums = new Requirement.Quorum[1 + random.nextInt(3)];
      for (int i = 0; i < quorums.length; i++) {
        Set<String> groups = someGroups(random);
        quorums[i] =
            new Requirement.Quorum(
                groups.isEmpty() ? List.of("a") : List.copyOf(groups), 1 + random.nextInt(2));
      }
      Requirement requirement = requirement(Assurance.CODE, quorums);
      List<Requirement.Quorum> seats = new ArrayList<>();
      for (Requirement.Quorum each : quorums) {
        for (int i = 0; i < each.count(); i++) {
          seats.add(each);
        }
      }
      assertEquals(
          best(people, seats, 0, 0),
          Seats.filledBy(people, Approver::groups, requirement).fillers().size(),
          "seed " + seed);
      int missing = requirement.votesNeeded() - best(people, seats, 0, 0);
      for (int i = 0; i < missing; i++) {
        List<Requirement.Quorum> empty =
            Seats.filledBy(people, Approver::groups, requirement).empty();
        people.add(new Approver("more" + i, Set.copyOf(empty.getFirst().groups())));
      }
      assertTrue(Seats.allFilledBy(people, Approver::groups, requirement), "seed " + seed);
    }
  }

  private static Set<String> someGroups(Random random) {
    Set<String> groups = new TreeSet<>();
    for (String group : List.of("a", "b", "c")) {
      if (random.nextBoolean()) {
        groups.add(group);
      }
    }
    return groups;
  }

  /// By trying all there is.
  private static int best(
      List<Approver> people, List<Requirement.Quorum> seats, int person, int taken) {
    if (person == people.size()) {
      return 0;
    }
    int best = best(people, seats, person + 1, taken);
    for (int seat = 0; seat < seats.size(); seat++) {
      boolean free = (taken & (1 << seat)) == 0;
      if (free
          && seats.get(seat).groups().stream().anyMatch(people.get(person).groups()::contains)) {
        best = Math.max(best, 1 + best(people, seats, person + 1, taken | (1 << seat)));
      }
    }
    return best;
  }

  @Test
  void whateverComesATicketHasOneAnswerAndItStays() {
    long seed = System.nanoTime();
    for (int round = 0; round < 2_000; round++) {
      Random random = new Random(seed + round);
      Ticket ticket =
          pending(
              requirement(
                  random.nextInt(10) == 0 ? Assurance.PASSKEY : Assurance.CODE,
                  seats(1 + random.nextInt(2), "finance", "platform")));
      Instant at = Samples.OPENED;
      int answers = 0;
      for (int step = 0; step < 40; step++) {
        at = at.plus(Duration.ofSeconds(random.nextInt(200)));
        Command command = some(random, ticket, at);
        Ticket next = after(ticket, TicketMachine.decide(ticket, command));
        if (!(ticket instanceof Ticket.Pending)) {
          assertEquals(ticket, next, "an answer changed; seed " + (seed + round));
        } else if (!(next instanceof Ticket.Pending)) {
          answers++;
          boolean late = !at.isBefore(DEADLINE);
          assertEquals(late, next instanceof Ticket.Expired, "seed " + (seed + round));
          if (next instanceof Ticket.Approved approved) {
            assertTrue(
                approved.votes().stream().noneMatch(vote -> vote.approver().equals("carol")),
                "seed " + (seed + round));
          }
        }
        ticket = next;
      }
      Ticket last = after(ticket, TicketMachine.decide(ticket, new Command.Expire(DEADLINE)));
      assertEquals(
          1, answers + (last.equals(ticket) ? 0 : 1), "not one answer; seed " + (seed + round));
    }
  }

  private static Command some(Random random, Ticket ticket, Instant at) {
    Ticket.Pending seen = ticket instanceof Ticket.Pending pending ? pending : ANY;
    return switch (random.nextInt(20)) {
      case 0 -> new Command.Cancel(at, "billing-bot", null);
      case 1, 2, 3, 4, 5, 6 -> new Command.Expire(at);
      case 7 -> vote(seen, random.nextBoolean() ? "alice" : "bob", Answer.REJECT, at);
      default ->
          vote(
              seen,
              List.of("alice", "bob", "carol", "dave", "zoe").get(random.nextInt(5)),
              Answer.APPROVE,
              at);
    };
  }

  private static Ticket after(Ticket ticket, Outcome outcome) {
    return switch (outcome) {
      case Outcome.Counted counted -> counted.ticket();
      case Outcome.Answered answered -> answered.ticket();
      case Outcome.Unchanged unchanged -> unchanged.ticket();
      case Outcome.Refused _ -> ticket;
    };
  }

  private static Command.Vote typing(Ticket.Pending ticket, Map<Integer, String> typed) {
    Command.Vote vote = vote(ticket, "bob", Answer.APPROVE, BEFORE);
    return Samples.command(
        vote.at(),
        vote.approver(),
        vote.assurance(),
        vote.answer(),
        vote.version(),
        vote.shown(),
        typed,
        null,
        null,
        PEOPLE,
        Brakes.NONE);
  }

  private static Ticket.Pending counted(Ticket.Pending ticket, String approver, int votesSoFar) {
    Outcome outcome = TicketMachine.decide(ticket, vote(ticket, approver, Answer.APPROVE, BEFORE));
    Outcome.Counted counted = assertInstanceOf(Outcome.Counted.class, outcome);
    assertEquals(votesSoFar, counted.votesSoFar());
    assertEquals(ticket.version() + 1, counted.ticket().version());
    return counted.ticket();
  }

  private static void assertRefused(Refusal refusal, Ticket ticket, Command command) {
    assertEquals(new Outcome.Refused(refusal), TicketMachine.decide(ticket, command));
  }

  private static Ticket assertAnswered(
      Class<? extends Ticket> state, Ticket ticket, Command command) {
    Outcome outcome = TicketMachine.decide(ticket, command);
    return assertInstanceOf(state, assertInstanceOf(Outcome.Answered.class, outcome).ticket());
  }

  private static void assertUnsatisfiable(Requirement requirement) {
    Opening opening = TicketMachine.open(requirement, PEOPLE);
    assertEquals(
        TicketMachine.UNSATISFIABLE,
        assertInstanceOf(Opening.Unsatisfiable.class, opening).reason().code());
  }
}
