package dev.countersign.gateway.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.Execution;
import dev.countersign.events.Expired;
import dev.countersign.events.Oversight;
import dev.countersign.events.TicketOpened;
import dev.countersign.gateway.Samples;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@NullMarked
class ProgressTest {

  private static final Samples SAMPLE =
      Samples.of(ActionId.of("018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5d"), "250.00");
  private static final Samples ANOTHER = Samples.of(SAMPLE.actionId(), "9999.00");
  private static final Digest OTHER = ANOTHER.digest();
  private static final List<Set<String>> REACHED = List.of(Set.of(), Set.of("alice"));
  private static final List<Set<String>> FAILED =
      List.of(Set.of(), Set.of("alice"), Set.of("alice", "bob"));

  /// Every set of facts that can be there: each event there or not, whatever else is.
  private static void everyProgress(Consumer<Progress> check) {
    for (Digest proposed : absentOr(SAMPLE.digest())) {
      for (Digest judged : absentOr(Stream.of(SAMPLE.digest(), OTHER))) {
        for (Decision decision : decisions()) {
          for (Expired expired : absentOr(SAMPLE.expired())) {
            for (Execution execution : executions()) {
              everyTicket(
                  new Progress(
                      SAMPLE.actionId(),
                      null,
                      proposed,
                      judged,
                      null,
                      null,
                      Set.of(),
                      Set.of(),
                      null,
                      decision,
                      expired,
                      execution,
                      null,
                      1),
                  check);
            }
          }
        }
      }
    }
  }

  private static void everyTicket(Progress it, Consumer<Progress> check) {
    for (TicketOpened ticket : absentOr(SAMPLE.ticketOpened())) {
      for (Instant seen : absentOr(Samples.NOW)) {
        for (Set<String> reached : REACHED) {
          for (Set<String> failed : FAILED) {
            check.accept(
                new Progress(
                    it.actionId(),
                    null,
                    it.proposed(),
                    it.judged(),
                    ticket,
                    seen,
                    reached,
                    failed,
                    null,
                    it.decision(),
                    it.expired(),
                    it.execution(),
                    it.reconciled(),
                    1));
          }
        }
      }
    }
  }

  private static <T> List<@Nullable T> absentOr(T value) {
    return absentOr(Stream.of(value));
  }

  private static <T> List<@Nullable T> absentOr(Stream<T> values) {
    List<@Nullable T> all = new ArrayList<>();
    all.add(null);
    values.forEach(all::add);
    return all;
  }

  private static List<@Nullable Decision> decisions() {
    return absentOr(
        Stream.concat(
            Arrays.stream(Decision.Outcome.values()).map(SAMPLE::decision),
            Stream.of(
                ANOTHER.decision(Decision.Outcome.APPROVED), unread(Decision.Outcome.REFUSED))));
  }

  private static List<@Nullable Execution> executions() {
    return absentOr(
        Stream.concat(
            Arrays.stream(Execution.Status.values()).map(SAMPLE::execution),
            Stream.of(ANOTHER.execution(Execution.Status.SUCCEEDED))));
  }

  /// Of what nobody could take the digest of.
  private static Decision unread(Decision.Outcome outcome) {
    Decision it = SAMPLE.decision(outcome);
    return new Decision(
        it.actionId(),
        it.at(),
        outcome,
        it.basis(),
        it.reason(),
        null,
        it.action(),
        it.grant(),
        it.attestations());
  }

  @Test
  void anExecutionSaysMoreThanADecisionAndADecisionMoreThanATicket() {
    Set<Status> met = EnumSet.noneOf(Status.class);
    everyProgress(it -> {
      met.add(it.status());
      if (it.isConflict()) {
        assertEquals(Status.REFUSED, it.status(), it::toString);
      } else if (it.execution() != null) {
        assertEquals(it.execution().status().name(), it.status().name(), it::toString);
      } else if (it.decision() != null) {
        assertEquals(it.decision().outcome().name(), it.status().name(), it::toString);
      } else if (it.expired() != null) {
        assertEquals(Status.EXPIRED, it.status(), it::toString);
      } else if (it.ticket() != null) {
        assertTrue(
            it.status() == Status.WAITING || it.status() == Status.UNREACHABLE, it::toString);
      } else {
        assertEquals(Status.RECEIVED, it.status(), it::toString);
      }
    });
    assertEquals(EnumSet.allOf(Status.class), met);
  }

  @Test
  void itIsUnreachableWhenEveryApproversMessageFailedAndNobodyWasReachedOrSawIt() {
    everyProgress(it -> {
      boolean asked =
          it.ticket() != null
              && it.decision() == null
              && it.expired() == null
              && it.execution() == null
              && !it.isConflict();
      boolean unreachable =
          asked
              && it.seenAt() == null
              && it.failed().equals(Set.of("alice", "bob"))
              && it.reached().isEmpty();
      assertEquals(unreachable, it.status() == Status.UNREACHABLE, it::toString);
    });
  }

  @Test
  void thereIsAConflictWhenAnotherActionWasJudgedThanWasProposedHere() {
    everyProgress(it -> {
      // Whichever topic was faster: the first stage that says whose it is.
      Optional<Digest> answered =
          Stream.of(
                  Optional.ofNullable(it.judged()),
                  Optional.ofNullable(it.decision()).map(Decision::actionDigest),
                  Optional.ofNullable(it.execution()).map(Execution::actionDigest))
              .flatMap(Optional::stream)
              .findFirst();
      assertEquals(
          it.proposed() != null && answered.equals(Optional.of(OTHER)),
          it.isConflict(),
          it::toString);
    });
  }

  @Test
  void theHistoryClimbsAndEndsInThePresent() {
    everyProgress(it -> {
      List<Status> history = it.history();
      assertEquals(Status.RECEIVED, history.getFirst());
      assertEquals(it.status(), history.getLast(), it::toString);
      for (int i = 1; i < history.size(); i++) {
        assertTrue(
            history.get(i - 1).stage() < history.get(i).stage(), () -> history + " of " + it);
      }
    });
  }

  @Test
  void whatIsFinalStaysSoWhateverIsHeardLater() {
    everyProgress(it -> {
      boolean settled = it.isAnswered() && it.status() != Status.APPROVED;
      assertEquals(settled, it.status().isFinal(), it::toString);
    });
  }

  @Test
  void anIdThatIsTakenIsNotToldAnothersAnswer() {
    Progress conflict =
        new Progress(
            new ActionId(UUID.randomUUID()),
            null,
            SAMPLE.digest(),
            OTHER,
            null,
            null,
            Set.of(),
            Set.of(),
            null,
            SAMPLE.decision(Decision.Outcome.APPROVED),
            null,
            null,
            null,
            3);
    assertEquals(Status.REFUSED, conflict.status());
    assertFalse(Telling.of(conflict).contains("approved"), Telling.of(conflict));
  }

  @Test
  void everyStateIsToldInASentence() {
    everyProgress(it -> {
      String told = Telling.of(it);
      assertTrue(told.endsWith(".") && !told.contains("..") && !told.contains("null"), told);
    });
  }

  @Test
  void whoWaitsIsToldForWhomAndUntilWhen() {
    Progress waiting =
        new Progress(
            SAMPLE.actionId(),
            null,
            SAMPLE.digest(),
            SAMPLE.digest(),
            SAMPLE.ticketOpened(),
            null,
            Set.of("alice"),
            Set.of(),
            null,
            null,
            null,
            null,
            null,
            3);
    assertEquals(
        "Waiting for 2 of finance, code 7F-KQ, until 21 November 2026, 13:00 UTC.",
        Telling.of(waiting));
  }

  @Test
  void whatAPersonFoundSaysWhetherToProposeItAnewAndChangesNoStatus() {
    Progress unknown = ended(Execution.Status.UNKNOWN, null);
    assertTrue(Telling.of(unknown).contains("a person must look"), Telling.of(unknown));
    Progress done =
        ended(Execution.Status.UNKNOWN, SAMPLE.found(Oversight.Finding.TOOK_EFFECT, false));
    assertEquals(Status.UNKNOWN, done.status());
    assertTrue(Telling.of(done).contains("do not propose it again"), Telling.of(done));
    Progress undone =
        ended(Execution.Status.UNKNOWN, SAMPLE.found(Oversight.Finding.NO_EFFECT, false));
    assertEquals(Status.UNKNOWN, undone.status());
    assertTrue(Telling.of(undone).contains("propose it again under a new id"));
  }

  /// A person looks there once something else was said later.
  @Test
  void whatAPersonFoundGoesBeforeWhatHadBeenSaidFirst() {
    Progress failed = ended(Execution.Status.FAILED, null);
    assertTrue(Telling.of(failed).contains("carrying it out failed"), Telling.of(failed));
    Progress done = ended(Execution.Status.FAILED, SAMPLE.found(Oversight.Finding.TOOK_EFFECT, 1));
    assertEquals(Status.FAILED, done.status());
    assertTrue(Telling.of(done).contains("do not propose it again"), Telling.of(done));
  }

  private static Progress ended(Execution.Status status, @Nullable Oversight reconciled) {
    return new Progress(
        SAMPLE.actionId(),
        null,
        SAMPLE.digest(),
        SAMPLE.digest(),
        null,
        null,
        Set.of(),
        Set.of(),
        null,
        SAMPLE.decision(Decision.Outcome.APPROVED),
        null,
        SAMPLE.execution(status),
        reconciled,
        3);
  }
}
