package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Digest;
import dev.countersign.events.Execution;
import dev.countersign.events.Intent;
import dev.countersign.events.LateOutcome;
import dev.countersign.events.Reason;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What became of an approval is shown to those who were asked, and to nobody else.
@QuarkusTest
class ExecutionFlowTest extends TicketServiceTest {

  private static final Instant AT = Instant.parse("2026-11-21T10:00:00Z");

  private final Agent agent = new Agent("bot-" + UUID.randomUUID(), "acme-agents", "run-7", null);

  @Test
  void whoWasAskedSeesHowItEndedAndNobodyElseDoes() {
    Browser alice = signedIn("alice");
    Browser dave = signedIn("dave");
    Verdict.ApprovalRequired paid = approved(alice);
    Verdict.ApprovalRequired failed = approved(alice);
    Verdict.ApprovalRequired lost = approved(alice);
    assertTrue(page(alice, paid).contains("How it ended is not known here yet."));

    wire.publishAll(
        List.of(
            execution(
                paid, Execution.Status.SUCCEEDED, new Execution.Result("201", null, "<b>ok"), null),
            execution(
                failed,
                Execution.Status.FAILED,
                new Execution.Result("status-422", null, null),
                new Reason("target", "The target said no: status-422.")),
            execution(
                lost,
                Execution.Status.UNKNOWN,
                null,
                new Reason("interrupted", "It was cut off after it had begun."))));

    for (Verdict each : List.of(paid, failed, lost)) {
      awaitEnd(alice, each);
    }
    assertSays(alice, paid, "Executed: 201, &lt;b&gt;ok");
    assertSays(alice, failed, "Failed: The target said no: status-422.");
    assertSays(
        alice, lost, "Outcome unknown: somebody must look. It was cut off after it had begun.");
    String german = alice.get(path(failed), "Accept-Language", "de").body();
    assertTrue(german.contains("Fehlgeschlagen: The target said no: status-422."), german);
    // The run's list says it, too.
    assertTrue(page(alice, paid).contains("Failed · "), page(alice, paid));

    // Dave is of another group: the card and that it was approved are all there is.
    for (Verdict each : List.of(paid, failed, lost)) {
      String card = page(dave, each);
      assertTrue(card.contains("Approved"), card);
      for (String secret :
          List.of("Executed", "Failed", "Outcome unknown", "status-422", "cut off")) {
        assertFalse(card.contains(secret), secret + " in " + card);
        assertFalse(dave.get("/v1" + path(each)).body().contains(secret));
      }
      assertEquals(404, dave.get("/changes?ticket=" + each.actionId()).statusCode());
    }
  }

  @Test
  void whatAToolSaysOfItselfIsToldFromWhatTheExecutorSaw() {
    Browser alice = signedIn("alice");
    Verdict.ApprovalRequired paid = approved(alice);
    wire.publish(
        new Execution(
            paid.actionId(),
            AT,
            Execution.Status.SUCCEEDED,
            1,
            AT,
            AT,
            paid.actionDigest(),
            new Execution.Result("ok", null, "deployed"),
            null,
            Execution.Reporter.TOOL));
    awaitEnd(alice, paid);

    assertSays(alice, paid, "The tool reports: Executed. ok, deployed");
    String german = alice.get(path(paid), "Accept-Language", "de").body();
    assertTrue(german.contains("Das Werkzeug meldet: Ausgef\u00fchrt. ok, deployed"), german);
  }

  @Test
  void whatIsSaidLaterIsAHintBesideTheAnswerThatStands() {
    Browser alice = signedIn("alice");
    Verdict.ApprovalRequired lost = approved(alice);
    Verdict.ApprovalRequired pending = open();
    wire.publish(
        execution(
            lost, Execution.Status.UNKNOWN, null, new Reason("timeout", "It did not answer.")));
    awaitEnd(alice, lost);
    assertFalse(page(alice, lost).contains("is a hint"));
    LateOutcome said = late(lost.actionId(), lost.actionDigest(), Execution.Reporter.TOOL);
    wire.publishAll(
        List.of(
            said,
            said,
            late(pending.actionId(), pending.actionDigest(), null),
            late(Verdicts.id(), lost.actionDigest(), null)));
    assertEquals("not-approved", reason(pending.actionId()));
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!page(alice, lost).contains("said later")) {
      assertTrue(System.nanoTime() < end, "what was said later never came");
    }

    assertSays(alice, lost, "The system that ran it said later: Executed. 201, &lt;i&gt;done");
    String page = page(alice, lost);
    assertTrue(page.contains("Outcome unknown: somebody must look"), "the answer stands");
    assertTrue(page.contains("is a hint"), page);
    assertTrue(page.contains("Nobody has looked yet"), "it reconciles nothing by itself");
    // Again, in a batch of its own, and for another action than was approved.
    Verdict.ApprovalRequired other = approved(alice);
    wire.publishAll(List.of(said, late(other.actionId(), lost.actionDigest(), null)));
    assertEquals("digest-mismatch", reason(other.actionId()));
    assertSays(alice, lost, "The system that ran it said later: Executed. 201, &lt;i&gt;done");
  }

  private static LateOutcome late(ActionId id, Digest digest, Execution.@Nullable Reporter by) {
    return new LateOutcome(
        id, AT.plusSeconds(60), Execution.Status.SUCCEEDED, digest, "201", "<i>done", by);
  }

  @Test
  void whatTheAgentPromisedStandsWhereItMatters() {
    Browser alice = signedIn("alice");
    Verdict.ApprovalRequired paid = approved(alice, "Call the bank's <desk>.");
    Verdict.ApprovalRequired failed = approved(alice, "Call the bank's <desk>.");
    Verdict.ApprovalRequired bare = approved(alice);
    Verdict.ApprovalRequired changed = approved(alice);
    wire.publishAll(
        List.of(
            execution(paid, Execution.Status.SUCCEEDED, null, null),
            execution(failed, Execution.Status.FAILED, null, new Reason("target", "It said no.")),
            execution(bare, Execution.Status.UNKNOWN, null, new Reason("timeout", "It was late.")),
            execution(
                changed,
                Execution.Status.PRECONDITION_FAILED,
                null,
                new Reason("changed", "It is another one now."))));
    for (Verdict each : List.of(paid, failed, bare, changed)) {
      awaitEnd(alice, each);
    }
    assertFalse(page(alice, paid).contains("promised"), page(alice, paid));
    assertFalse(page(alice, changed).contains("promised"), "nothing was sent");
    String promised = page(alice, failed);
    assertTrue(promised.contains("What the agent promised if it goes wrong"), promised);
    assertTrue(
        promised.indexOf("Call the bank&#39;s &lt;desk") < promised.indexOf("What was asked"),
        "before what was asked");
    assertTrue(page(alice, bare).contains("The agent promised no rollback plan."));
  }

  @Test
  void theFirstStandsAndWhatDoesNotFitIsPutAside() {
    Browser alice = signedIn("alice");
    Verdict.ApprovalRequired paid = approved(alice);
    Verdict.ApprovalRequired pending = open();
    Execution once =
        execution(
            paid, Execution.Status.SUCCEEDED, new Execution.Result("201", null, "accepted"), null);
    Execution other =
        execution(paid, Execution.Status.FAILED, null, new Reason("target", "It said no."));
    Execution early = execution(pending, Execution.Status.SUCCEEDED, null, null);
    ActionId nobodys = Verdicts.id();
    Verdict.ApprovalRequired second = approved(alice);
    wire.publishAll(
        List.of(
            once,
            once,
            other,
            early,
            execution(nobodys, paid.actionDigest(), Execution.Status.SUCCEEDED, null, null),
            execution(
                second.actionId(), paid.actionDigest(), Execution.Status.SUCCEEDED, null, null)));

    assertEquals("conflict", reason(paid.actionId()));
    assertEquals("not-approved", reason(pending.actionId()));
    assertEquals("unknown-action", reason(nobodys));
    assertEquals("digest-mismatch", reason(second.actionId()));
    // Again, in a batch of its own: still the same and no dead letter more.
    wire.publish(once);
    wire.publish(other);
    assertEquals(2, wire.about(paid.actionId(), Topics.DEAD_LETTER, 2).size());
    assertSays(alice, paid, "Executed: 201, accepted");
    assertFalse(page(alice, paid).contains("It said no."));
    for (Verdict each : List.of(second, pending)) {
      assertFalse(page(alice, each).contains("lead ended"), "nothing is known of how it ended");
    }
  }

  private String reason(ActionId id) {
    ConsumerRecord<byte[], byte[]> letter = wire.about(id, Topics.DEAD_LETTER, 1).getFirst();
    return new String(letter.headers().lastHeader("dl_reason").value(), StandardCharsets.UTF_8);
  }

  /// Waits as an open page does.
  private static void awaitEnd(Browser browser, Verdict verdict) {
    String sight =
        browser.get("/changes?ticket=" + verdict.actionId() + "&mark=1approved&wait=20").body();
    assertTrue(sight.contains("\"1approved+\""), sight);
  }

  private static void assertSays(Browser browser, Verdict verdict, String text) {
    String page = page(browser, verdict);
    // Once where it is read first, once in the history.
    assertEquals(3, page.split(Pattern.quote(text), -1).length, text + " in " + page);
  }

  private static Execution execution(
      Verdict.ApprovalRequired verdict,
      Execution.Status status,
      Execution.@Nullable Result result,
      @Nullable Reason reason) {
    return execution(verdict.actionId(), verdict.actionDigest(), status, result, reason);
  }

  private static Execution execution(
      ActionId id,
      Digest digest,
      Execution.Status status,
      Execution.@Nullable Result result,
      @Nullable Reason reason) {
    return new Execution(id, AT, status, 1, AT, AT, digest, result, reason);
  }

  private Verdict.ApprovalRequired open() {
    Verdict.ApprovalRequired verdict =
        Verdicts.required(Verdicts.id(), agent, "48200.00", Verdicts.financeWithinTheHour(1));
    open(verdict);
    return verdict;
  }

  private Verdict.ApprovalRequired approved(Browser approver, String rollbackPlan) {
    Verdict.ApprovalRequired verdict =
        Verdicts.required(
            Verdicts.id(),
            agent,
            "48200.00",
            Verdicts.financeWithinTheHour(1),
            new Intent("Pay invoice 4711", "due today", null, rollbackPlan, null));
    open(verdict);
    return approve(approver, verdict);
  }

  private Verdict.ApprovalRequired approved(Browser approver) {
    return approve(approver, open());
  }

  private static Verdict.ApprovalRequired approve(
      Browser approver, Verdict.ApprovalRequired verdict) {
    Map<String, String> form = Browser.form(page(approver, verdict), "approve");
    form.put("typed-2", "EUR 48200.00");
    assertEquals(200, approver.post(path(verdict), form).statusCode());
    return verdict;
  }

  private static String page(Browser browser, Verdict verdict) {
    return browser.get(path(verdict)).body();
  }
}
