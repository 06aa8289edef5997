package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionCancelled;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Assurance;
import dev.countersign.events.Decision;
import dev.countersign.events.Expired;
import dev.countersign.events.Intent;
import dev.countersign.events.Oversight;
import dev.countersign.events.Requirement;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.ticket.application.ExpireTickets;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// How much is asked of people, from outside: Kafka and HTTP, with a real broker and database.
@QuarkusTest
class AttentionFlowTest extends TicketServiceTest {

  private static final Requirement TREASURY =
      Verdicts.requirement(Assurance.PASSKEY, Duration.ofHours(1), Verdicts.seats(1, "treasury"));

  @Test
  void ofAThousandProposalsThePromptsAreCapped() {
    Agent flood = new Agent("flood-bot-" + UUID.randomUUID(), "acme-agents", "run-1", null);
    List<Verdict> verdicts = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      verdicts.add(
          Verdicts.required(Verdicts.id(), flood, i + ".00", Verdicts.financeWithinTheHour(1)));
    }

    Map<ActionId, TicketOpened> opened = open(verdicts);

    List<TicketOpened> reaching =
        opened.values().stream().filter(each -> !each.recipients().isEmpty()).toList();
    // Sixty an hour: the hour may change while they come.
    Set<Instant> hours = new HashSet<>();
    opened.values().forEach(each -> hours.add(each.at().truncatedTo(ChronoUnit.HOURS)));
    assertTrue(reaching.size() >= 60, reaching.size() + " reached people");
    assertTrue(reaching.size() <= 60 * hours.size(), reaching.size() + " reached people");
    for (TicketOpened each : opened.values()) {
      // Nothing is easier for it: the same people may answer, as many of them must, as long.
      assertEquals(List.of("alice", "bob", "carol"), each.approvers());
      assertEquals(Verdicts.financeWithinTheHour(1), each.requirement());
      assertEquals(Duration.ofHours(1), Duration.between(each.at(), each.expiresAt()));
    }
    List<Oversight> alarms = oversight(opened.keySet());
    assertTrue(alarms.size() >= 1 && alarms.size() <= hours.size(), alarms.toString());
    Oversight alarm = alarms.getFirst();
    assertEquals(Oversight.Change.OVER_BUDGET, alarm.change());
    assertEquals("countersign", alarm.by());
    assertEquals(flood, alarm.agent());
    assertEquals(null, alarm.approver());
    assertEquals("agent-budget", alarm.reason() == null ? "" : alarm.reason().code());
  }

  @Test
  void overAPersonsBudgetTheOthersOfTheGroupAreAskedAndNobodyWhereNobodyIsLeft() {
    List<Verdict> verdicts = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      verdicts.add(Verdicts.required(Verdicts.id(), bot(), i + ".00", TREASURY));
    }
    Map<ActionId, TicketOpened> opened = open(verdicts);
    List<List<String>> prompted =
        verdicts.stream()
            .map(each -> Objects.requireNonNull(opened.get(each.actionId())).recipients())
            .toList();
    assertEquals(3, prompted.stream().filter(each -> each.contains("gina")).count());
    assertTrue(prompted.stream().allMatch(each -> each.contains("henry")));

    Verdict.ApprovalRequired ginas =
        Verdicts.required(
            Verdicts.id(),
            bot(),
            "9.00",
            Verdicts.requirement(
                Assurance.PASSKEY, Duration.ofHours(1), Verdicts.seats(1, "vault")));
    TicketOpened alone = open(ginas);
    assertEquals(List.of("gina"), alone.approvers());
    assertEquals(List.of(), alone.recipients());
    Browser gina = signedIn("gina");
    String inbox = gina.get("/").body();
    assertTrue(inbox.contains(ginas.actionId().toString()), "it waits in the inbox");

    Set<ActionId> all = new HashSet<>(opened.keySet());
    all.add(ginas.actionId());
    List<Oversight> alarms = oversight(all);
    assertEquals(1, alarms.size(), "once a week: " + alarms);
    assertEquals("gina", alarms.getFirst().approver());
    assertEquals(
        "weekly-budget",
        alarms.getFirst().reason() == null ? "" : alarms.getFirst().reason().code());
  }

  @Test
  void theSameQuestionAgainReachesNobodyAgainAndIsOneInTheInbox() {
    Agent agent = bot();
    Verdict first = Verdicts.required(Verdicts.id(), agent, "invoice 4711");
    TicketOpened told = open(first);
    assertEquals(null, told.prompted(), "all of them");
    List<Verdict> again =
        List.of(
            Verdicts.required(Verdicts.id(), agent, "invoice 4711"),
            Verdicts.required(Verdicts.id(), agent, "invoice 4711"));
    open(again).values().forEach(each -> assertEquals(List.of(), each.recipients()));
    // Another run, another question.
    Verdict other = Verdicts.required(Verdicts.id(), bot(), "invoice 4711");
    assertEquals(3, open(other).recipients().size());

    Browser alice = signedIn("alice");
    String inbox = alice.get("/").body();
    assertTrue(inbox.contains(first.actionId().toString()), inbox);
    assertTrue(inbox.contains("asked 3 times"), inbox);
    again.forEach(each -> assertFalse(inbox.contains(each.actionId().toString()), inbox));
    assertTrue(inbox.contains(other.actionId().toString()), inbox);

    // Once the first is answered, the next one of them stands in its place.
    String path = path(first);
    assertEquals(
        200, alice.post(path, Browser.form(alice.get(path).body(), "reject")).statusCode());
    String after = alice.get("/").body();
    assertFalse(after.contains(first.actionId().toString()), after);
    assertTrue(after.contains("asked 2 times"), after);
  }

  @Test
  void whereTheFirstOfTheSameQuestionIsTakenBackOrExpiresTheNextReachesPeopleAtOnce() {
    Agent agent = bot();
    Verdict first = asked(agent, Duration.ofHours(1));
    Verdict second = asked(agent, Duration.ofHours(1));
    Verdict third = asked(agent, Duration.ofHours(2));
    assertEquals(null, open(first).prompted(), "all of them");
    // The second is nearer to its end than the third, so it is the next.
    for (Verdict each : List.of(third, second)) {
      assertEquals(List.of(), open(each).recipients());
    }
    wire.publish(new ActionCancelled(first.actionId(), Instant.now(), agent.id(), null));
    assertEquals(List.of("alice", "bob", "carol"), again(second).recipients());
    // Nobody answers it until its end, which is now.
    sql("update ticket set expires_at = now() where action_id = ?", second.actionId().value());
    sql("notify " + ExpireTickets.CHANNEL);
    TicketOpened last = again(third);
    assertEquals(List.of("alice", "bob", "carol"), last.prompted());
    assertEquals(List.of("alice", "bob", "carol"), last.approvers());
    assertEquals(1, wire.events(Expired.class, second.actionId(), Topics.EXPIRED, 1).size());
    // Each of them is one more that was asked, of the agent and of everybody.
    assertEquals(3, used(agent));
    // After the last nobody is left, and an answer asks nobody.
    assertEquals(
        1, wire.events(TicketOpened.class, first.actionId(), Topics.TICKET_OPENED, 1).size());
  }

  @Test
  void aCopyThatOpensWhileTheFirstEndsReachesPeople() throws Exception {
    Agent agent = bot();
    Verdict.ApprovalRequired first = asked(agent, Duration.ofHours(1));
    open(first);
    Verdict.ApprovalRequired second = asked(agent, Duration.ofHours(1));
    try (Connection ending = transaction()) {
      in(
          ending,
          "select pg_advisory_xact_lock(question_key(question_digest)) from ticket"
              + " where action_id = ?",
          first.actionId().value());
      in(
          ending,
          "update ticket set state = 'cancelled', decided_at = now(), reason_code = 'cancelled'"
              + " where action_id = ?",
          first.actionId().value());
      wire.publish(second);
      awaitBlockedBy(
          ending, () -> !wire.about(second.actionId(), Topics.TICKET_OPENED, 0).isEmpty());
      ending.commit();
    }
    TicketOpened opened =
        wire.events(TicketOpened.class, second.actionId(), Topics.TICKET_OPENED, 1).getFirst();
    assertEquals(null, opened.prompted(), "all of them");
  }

  @Test
  void theFirstThatEndsWhileACopyOpensHasTheCopyReachPeople() throws Exception {
    Agent agent = bot();
    Verdict.ApprovalRequired first = asked(agent, Duration.ofHours(1));
    assertEquals(null, open(first).prompted(), "all of them");
    UUID copy = UUID.randomUUID();
    try (Connection opening = transaction()) {
      // As another instance does it: the copy is filed behind the first, of which people know.
      in(
          opening,
          "select pg_advisory_xact_lock(question_key(question_digest)) from ticket"
              + " where action_id = ?",
          first.actionId().value());
      in(
          opening,
          "insert into ticket select (json_populate_record(t, json_build_object("
              + "'action_id', cast(? as uuid), 'prompted', json_build_array()))).*"
              + " from ticket t where action_id = ?",
          copy,
          first.actionId().value());
      wire.publish(new ActionCancelled(first.actionId(), Instant.now(), agent.id(), null));
      awaitBlockedBy(opening, () -> !wire.about(first.actionId(), Topics.DECISION, 0).isEmpty());
      opening.commit();
    }
    TicketOpened opened =
        wire.events(TicketOpened.class, new ActionId(copy), Topics.TICKET_OPENED, 1).getFirst();
    assertEquals(List.of("alice", "bob", "carol"), opened.recipients());
  }

  @Test
  void aCopyThatIsBeingVotedOnAsTheFirstEndsReachesPeopleWhereTheVoteIsNotItsAnswer()
      throws Exception {
    Agent agent = bot();
    Verdict.ApprovalRequired first = asked(agent, Duration.ofHours(1), 2);
    Verdict.ApprovalRequired second = asked(agent, Duration.ofHours(2), 2);
    assertEquals(null, open(first).prompted(), "all of them");
    assertEquals(List.of(), open(second).recipients());
    Browser alice = signedIn("alice");
    String page = alice.get(path(second)).body();
    Map<String, String> yes = Browser.form(page, "approve");
    yes.put(Browser.labelled(page, "Amount"), "EUR 4712.00");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Connection voting = transaction()) {
      // Her vote has the ticket's row, and waits for this one.
      in(
          voting,
          "insert into vote (action_id, approver, answer, assurance, at)"
              + " values (?, 'alice', 'approve', 'code', now())",
          second.actionId().value());
      Future<HttpResponse<String>> vote = threads.submit(() -> alice.post(path(second), yes));
      awaitBlockedBy(voting, vote::isDone);
      wire.publish(new ActionCancelled(first.actionId(), Instant.now(), agent.id(), null));
      assertEquals(Decision.Outcome.CANCELLED, decision(first).outcome());
      sql("notify " + ExpireTickets.CHANNEL);
      voting.rollback();
      String after = vote.get(1, TimeUnit.MINUTES).body();
      assertTrue(after.contains("1 of 2 approvals"), after);
    }
    assertEquals(List.of("bob", "carol"), again(second).recipients(), "she has answered");
  }

  private static Verdict.ApprovalRequired asked(Agent agent, Duration deadline) {
    return asked(agent, deadline, 1);
  }

  private static Verdict.ApprovalRequired asked(Agent agent, Duration deadline, int approvals) {
    return Verdicts.asking(
        Verdicts.id(),
        agent,
        "4712.00",
        "invoice 4712",
        Verdicts.requirement(Assurance.CODE, deadline, Verdicts.seats(approvals, "finance")));
  }

  /// What was published about the ticket when it came to the front.
  private TicketOpened again(Verdict verdict) {
    return wire.events(TicketOpened.class, verdict.actionId(), Topics.TICKET_OPENED, 2).getLast();
  }

  private int used(Agent agent) {
    return number("select sum(prompts) from meter where kind = 'agent' and who = ?", agent.id());
  }

  @Test
  void everybodySeesTheirOwnBudgetAndWhoAnswersForTheRulesSeesEverybodys() {
    Agent agent = bot();
    Verdict verdict =
        Verdicts.required(
            Verdicts.id(),
            agent,
            "1.00",
            Verdicts.requirement(Assurance.CODE, Duration.ofHours(1), Verdicts.seats(1, "desk")));
    open(verdict);
    Browser henry = signedIn("henry");
    String path = path(verdict);
    assertEquals(
        200, henry.post(path, Browser.form(henry.get(path).body(), "reject")).statusCode());
    String henrys = henry.get("/attention").body();
    assertTrue(henrys.contains("How much is asked of you"), henrys);
    assertTrue(henrys.contains(", without a budget"), henrys);
    assertFalse(henrys.contains("Gina Rossi"), henrys);
    assertFalse(henrys.contains(agent.id()), henrys);

    Browser gina = signedIn("gina");
    String ginas = gina.get("/").body();
    assertTrue(ginas.contains("/attention"), ginas);
    ginas = gina.get("/attention").body();
    assertTrue(ginas.contains(" of 3"), ginas);
    assertTrue(ginas.contains("Henry Osei"), ginas);
    assertTrue(ginas.contains(agent.id()), ginas);
    assertTrue(ginas.contains("large-transfers"), ginas);
    assertEquals(200, browser().get("/attention").statusCode());
  }

  @Test
  void noWordsOfAnAgentKeepWhoAnswersForTheRulesFromTheirPage() {
    Verdict verdict =
        Verdicts.required(
            Verdicts.id(),
            bot(),
            "1.00",
            Verdicts.requirement(Assurance.CODE, Duration.ofHours(1), Verdicts.seats(1, "desk")),
            new Intent("\u0000\u0000 and \\u0000 and \\\u0000", null, null, null, null));
    open(verdict);
    Browser henry = signedIn("henry");
    String path = path(verdict);
    assertEquals(
        200, henry.post(path, Browser.form(henry.get(path).body(), "reject")).statusCode());

    HttpResponse<String> page = signedIn("gina").get("/attention");
    assertEquals(200, page.statusCode(), page.body());
    assertTrue(page.body().contains("large-transfers"), page.body());
  }

  @Test
  void anAgentWithAVeryLongNameIsAnsweredLikeAnyOther() {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      name.append(UUID.randomUUID());
    }
    Agent agent = new Agent(name.toString(), name.toString(), name.toString(), null);
    Verdict verdict =
        Verdicts.required(Verdicts.id(), agent, "1.00", Verdicts.financeWithinTheHour(1));
    assertEquals(3, open(verdict).recipients().size());
  }

  private static Agent bot() {
    return new Agent("bot-" + UUID.randomUUID(), "acme-agents", "run-1", null);
  }

  private List<Oversight> oversight(Set<ActionId> ids) {
    return wire.events(Oversight.class, ids, Topics.OVERSIGHT, 1);
  }
}
