package dev.countersign.notifier.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.countersign.events.Assurance;
import dev.countersign.events.Requirement;
import dev.countersign.events.Requirement.Escalation;
import dev.countersign.events.Requirement.Quorum;
import dev.countersign.notifier.domain.QuietHours.Person;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class QuietHoursTest {

  private static final Instant OPENED = Instant.parse("2026-11-21T21:00:00Z");
  private static final Instant EXPIRES = Instant.parse("2026-11-22T07:00:00Z");
  private static final Instant MORNING = Instant.parse("2026-11-22T05:30:00Z");

  private static final Person ANN = new Person("ann", Set.of("finance"), true, null);
  private static final Person BEN = new Person("ben", Set.of("legal"), true, null);
  private static final Person CID = new Person("cid", Set.of("finance"), true, MORNING);

  @Test
  void whileOthersCanAnswerWhoeverSleepsIsAskedInTheMorning() {
    assertEquals(Map.of("cid", MORNING), notBefore(List.of(ANN, CID), quorum(1, "finance")));
  }

  @Test
  void whereItTakesWhoeverSleepsAllAreAskedAtOnce() {
    assertEquals(Map.of(), notBefore(List.of(ANN, CID), quorum(2, "finance")));
    assertEquals(Map.of(), notBefore(List.of(CID), quorum(1, "finance")));
  }

  @Test
  void whoeverIsAwakeInAnotherGroupFillsNoSeatOfTheOneThatSleeps() {
    assertEquals(Map.of(), notBefore(List.of(BEN, CID), quorum(1, "finance")));
    // Two seats, and one person awake for both.
    Person both = new Person("eve", Set.of("finance", "legal"), true, null);
    assertEquals(Map.of(), notBefore(List.of(both, CID), quorum(1, "finance"), quorum(1, "legal")));
  }

  @Test
  void whoeverCanNotBeAskedIsNotAwake() {
    Person without = new Person("fay", Set.of("finance"), false, null);
    assertEquals(Map.of(), notBefore(List.of(without, CID), quorum(1, "finance")));
  }

  @Test
  void aSeatIsFilledByWhoeverIsLeftForIt() {
    Person one = new Person("ann", Set.of("a", "b"), true, null);
    Person two = new Person("ben", Set.of("c"), true, null);
    Person three = new Person("cas", Set.of("c"), true, null);
    Person asleep = new Person("dan", Set.of("a"), true, MORNING);
    assertEquals(
        Map.of(),
        notBefore(
            List.of(one, two, three, asleep), quorum(1, "a"), quorum(1, "b"), quorum(1, "c")));
  }

  @Test
  void theFirstStepOfTheLadderWakesWhoeverSleeps() {
    Requirement requirement =
        requirement(
            List.of(quorum(1, "finance")),
            List.of(
                new Escalation(0.75, List.of(), List.of()),
                new Escalation(0.5, List.of(), List.of())));
    assertEquals(
        Map.of("cid", OPENED.plus(Duration.ofHours(5)).plusSeconds(5)),
        QuietHours.notBefore(List.of(ANN, CID), requirement, EXPIRES));
  }

  @Test
  void nobodyIsAskedAfterTheDeadline() {
    Person late = new Person("dan", Set.of("finance"), true, EXPIRES.plusSeconds(1));
    assertEquals(Map.of("dan", EXPIRES), notBefore(List.of(ANN, late), quorum(1, "finance")));
  }

  private static Map<String, Instant> notBefore(List<Person> reached, Quorum... quorums) {
    return QuietHours.notBefore(reached, requirement(List.of(quorums), List.of()), EXPIRES);
  }

  private static Quorum quorum(int count, String group) {
    return new Quorum(List.of(group), count);
  }

  private static Requirement requirement(List<Quorum> quorums, List<Escalation> ladder) {
    return new Requirement(
        quorums, Assurance.CODE, Duration.between(OPENED, EXPIRES), List.of("mail"), ladder, null);
  }
}
