package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Assurance;
import dev.countersign.events.Batch;
import dev.countersign.events.Decision;
import dev.countersign.events.Oversight;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.launcher.SoftwarePasskey;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// "I did not expect this", from outside: Kafka and HTTP, with a real broker and database.
@QuarkusTest
class HoldFlowTest extends TicketServiceTest {

  @Test
  void whatNobodyExpectedIsRejectedAndEverythingFurtherFromThatSessionIsHeldUntilItIsLifted() {
    Agent agent = new Agent("bot-" + UUID.randomUUID(), "acme-agents", "run-1", null);
    Agent otherRun = new Agent(agent.id(), "acme-agents", "run-2", null);
    Verdict unexpected = required(agent);
    Verdict pending = required(agent);
    Verdict elsewhere = required(otherRun);
    open(List.of(unexpected, pending, elsewhere));
    Browser alice = signedIn("alice");

    Map<String, String> form = form(alice, unexpected, "unexpected");
    form.put("reason", "Nobody asked for this.");
    HttpResponse<String> after = alice.post(path(unexpected), form);
    assertEquals(200, after.statusCode());
    assertTrue(after.body().contains("Rejected by Alice Berger"), after.body());
    assertTrue(after.body().contains("did not expect what this session asked"), after.body());
    Decision rejected = decision(unexpected);
    assertEquals(Decision.Outcome.REJECTED, rejected.outcome());
    assertEquals(
        "Nobody asked for this. Everything further from this session is held: ask alice before you"
            + " propose anything again.",
        reason(rejected));
    Oversight held = oversight(unexpected.actionId(), 1).getFirst();
    assertEquals(Oversight.Change.SESSION_HELD, held.change());
    assertEquals("alice", held.by());
    assertEquals(agent, held.agent());
    assertEquals("not-expected", held.reason() == null ? "" : held.reason().code());

    // What was pending can't be approved, by nobody.
    Browser bob = signedIn("bob");
    HttpResponse<String> approved = bob.post(path(pending), approve(bob, pending));
    assertEquals(409, approved.statusCode());
    assertTrue(approved.body().contains("Nothing of it can be approved until that is lifted"));
    assertUndecided(pending.actionId());
    // What comes new is answered at once, whatever the policy said.
    Verdict asked = required(agent);
    Verdict allowed = allowed(agent);
    wire.publishAll(List.of(asked, allowed));
    for (Verdict each : List.of(asked, allowed)) {
      Decision refused = decision(each);
      assertEquals(Decision.Outcome.REFUSED, refused.outcome());
      assertEquals(
          "session-held", refused.reason() == null ? "" : refused.reason().code(), "of " + each);
      assertTrue(reason(refused).contains("Ask alice or another approver"), reason(refused));
      assertTrue(reason(refused).contains("propose this anew, under a new id"), reason(refused));
      assertEquals(null, refused.grant());
    }
    // Another run of the same agent is another matter.
    Verdict free = allowed(otherRun);
    wire.publish(free);
    assertEquals(Decision.Outcome.APPROVED, decision(free).outcome());
    assertEquals(200, bob.post(path(elsewhere), approve(bob, elsewhere)).statusCode());
    assertEquals(Decision.Outcome.APPROVED, decision(elsewhere).outcome());

    // Bob may answer for finance, so he may lift it; Dave has nothing to do with it.
    assertFalse(signedIn("dave").get("/attention").body().contains(agent.id()));
    String attention = bob.get("/attention").body();
    assertTrue(attention.contains(agent.id()), attention);
    String lift =
        attention
            .substring(attention.indexOf(agent.id()))
            .replaceFirst("(?s).*?action=\"(/attention/holds/[0-9]+)\".*", "$1");
    Browser dave = signedIn("dave");
    assertEquals(403, dave.post(lift, Map.of("token", token(dave))).statusCode());
    assertEquals(403, bob.post(lift, Map.of("token", "another")).statusCode());
    assertEquals(200, bob.post(lift, Map.of("token", token(bob))).statusCode());
    assertEquals(
        Oversight.Change.SESSION_RELEASED, oversight(unexpected.actionId(), 2).getLast().change());
    assertFalse(bob.get("/attention").body().contains(agent.id()));
    // A second time there is nothing to lift.
    assertEquals(200, bob.post(lift, Map.of("token", token(bob))).statusCode());
    assertEquals(2, oversight(unexpected.actionId(), 2).size());

    assertEquals(200, bob.post(path(pending), approve(bob, pending)).statusCode());
    assertEquals(Decision.Outcome.APPROVED, decision(pending).outcome());
    assertEquals(Decision.Outcome.REFUSED, decision(asked).outcome(), "that stays");
    Verdict anew = allowed(agent);
    wire.publish(anew);
    assertEquals(Decision.Outcome.APPROVED, decision(anew).outcome());
  }

  @Test
  void withoutASessionEverythingOfTheAgentWithoutOneIsHeld() {
    Agent agent = new Agent("bot-" + UUID.randomUUID(), null, null, null);
    Verdict unexpected = required(agent);
    open(unexpected);
    Browser alice = signedIn("alice");
    assertEquals(
        200, alice.post(path(unexpected), form(alice, unexpected, "unexpected")).statusCode());
    Verdict without = allowed(agent);
    Verdict with = allowed(new Agent(agent.id(), null, "run-1", null));
    Verdict onAPlatform = allowed(new Agent(agent.id(), "acme-agents", null, null));
    wire.publishAll(List.of(without, with, onAPlatform));
    assertEquals(Decision.Outcome.REFUSED, decision(without).outcome());
    assertEquals(Decision.Outcome.APPROVED, decision(with).outcome());
    assertEquals(Decision.Outcome.APPROVED, decision(onAPlatform).outcome());
    assertTrue(
        reason(decision(unexpected)).startsWith("alice did not expect this."),
        "without words of their own the agent is told all the same");
  }

  @Test
  void whoMayNotAnswerHoldsNothing() {
    Agent agent = new Agent("bot-" + UUID.randomUUID(), null, null, "alice@acme.example");
    Verdict verdict = required(agent);
    open(verdict);
    Browser bob = signedIn("bob");
    Map<String, String> bobs = form(bob, verdict, "unexpected");
    for (String who : List.of("alice", "dave")) {
      Browser other = signedIn(who);
      bobs.put("token", token(other));
      assertEquals(403, other.post(path(verdict), bobs).statusCode());
    }
    Verdict allowed = allowed(agent);
    wire.publish(allowed);
    assertEquals(Decision.Outcome.APPROVED, decision(allowed).outcome());
  }

  @Test
  void whereAPasskeyIsAskedForTheHoldTakesItTooEvenOnceSomebodyElseHasAnswered() {
    Agent agent = new Agent("bot-" + UUID.randomUUID(), "acme-agents", "run-1", null);
    Verdict verdict =
        Verdicts.required(
            Verdicts.id(),
            agent,
            "48200.00",
            Verdicts.requirement(
                Assurance.PASSKEY, Duration.ofHours(1), Verdicts.seats(1, "finance")));
    open(verdict);
    SoftwarePasskey hers = passkeyOf("alice");
    SoftwarePasskey his = passkeyOf("bob");
    Browser alice = signedIn("alice");
    Map<String, String> unexpected = form(alice, verdict, "reject");
    unexpected.put("answer", "unexpected");

    assertEquals(403, alice.post(path(verdict), unexpected).statusCode(), "while it is pending");
    assertIsNotHeld(agent);
    Browser bob = signedIn("bob");
    Map<String, String> yes = approve(bob, verdict);
    sign(bob, path(verdict), yes, his);
    assertEquals(200, bob.post(path(verdict), yes).statusCode());
    assertEquals(Decision.Outcome.APPROVED, decision(verdict).outcome());

    HttpResponse<String> weak = alice.post(path(verdict), unexpected);
    assertEquals(403, weak.statusCode());
    assertTrue(weak.body().contains("This answer needs your passkey"), weak.body());
    assertIsNotHeld(agent);

    sign(alice, path(verdict), unexpected, hers);
    assertEquals(409, alice.post(path(verdict), unexpected).statusCode(), "it is answered");
    assertEquals(
        Oversight.Change.SESSION_HELD, oversight(verdict.actionId(), 1).getFirst().change());
    Verdict late = allowed(agent);
    wire.publish(late);
    assertEquals(Decision.Outcome.REFUSED, decision(late).outcome());
    assertEquals(Decision.Outcome.APPROVED, decision(verdict).outcome(), "what was, stays");
  }

  @Test
  void nobodyIsBotheredForASignatureUnderASetOfAHeldSession() {
    Agent agent = new Agent("bot-" + UUID.randomUUID(), "acme-agents", "run-1", null);
    Batch two = new Batch(UUID.randomUUID().toString(), 2);
    Verdict first = Verdicts.in(two, null, required(agent));
    Verdict second = Verdicts.in(two, null, required(agent));
    Verdict unexpected = required(agent);
    open(List.of(first, second, unexpected));
    passkeyOf("bob");
    Browser alice = signedIn("alice");
    Browser bob = signedIn("bob");
    String set = path(first) + "/set";
    Map<String, String> yes = Browser.form(bob.get(set).body(), "approve");
    List.of(first, second).forEach(each -> yes.put("typed-2." + each.actionId(), "EUR 48200.00"));
    assertEquals(200, bob.post(set + "/challenge", yes).statusCode());

    assertEquals(
        200, alice.post(path(unexpected), form(alice, unexpected, "unexpected")).statusCode());

    HttpResponse<String> vain = bob.post(set + "/challenge", yes);
    assertEquals(409, vain.statusCode(), vain.body());
    assertTrue(vain.body().contains("held"), vain.body());
    // A no is never held back, nor the yes beside it.
    yes.put("reject", first.actionId().toString());
    assertEquals(200, bob.post(set + "/challenge", yes).statusCode());
  }

  @Test
  void whatAPasskeyHeldACodeDoesNotLift() {
    Agent agent = new Agent("bot-" + UUID.randomUUID(), "acme-agents", "run-1", null);
    Verdict verdict =
        Verdicts.required(
            Verdicts.id(),
            agent,
            "48200.00",
            Verdicts.requirement(
                Assurance.PASSKEY, Duration.ofHours(1), Verdicts.seats(1, "finance")));
    open(verdict);
    SoftwarePasskey hers = passkeyOf("alice");
    Browser alice = signedIn("alice");
    Map<String, String> unexpected = form(alice, verdict, "reject");
    unexpected.put("answer", "unexpected");
    sign(alice, path(verdict), unexpected, hers);
    assertEquals(200, alice.post(path(verdict), unexpected).statusCode());

    Browser bob = signedIn("bob");
    // The last one that was held stands first.
    String lift =
        bob.get("/attention")
            .body()
            .replaceFirst("(?s).*?action=\"(/attention/holds/[0-9]+)\".*", "$1");
    HttpResponse<String> weak = bob.post(lift, Map.of("token", token(bob)));

    assertEquals(403, weak.statusCode());
    assertTrue(weak.body().contains("This takes your passkey"), weak.body());
    Verdict late = allowed(agent);
    wire.publish(late);
    assertEquals(Decision.Outcome.REFUSED, decision(late).outcome());
  }

  @Test
  void whoeverDidNotExpectItHoldsThoughAnotherVoteCameFirst() {
    Agent agent = new Agent("bot-" + UUID.randomUUID(), "acme-agents", "run-1", null);
    Verdict verdict =
        Verdicts.required(Verdicts.id(), agent, "48200.00", Verdicts.financeWithinTheHour(2));
    open(verdict);
    Browser alice = signedIn("alice");
    Browser bob = signedIn("bob");
    Map<String, String> unexpected = form(bob, verdict, "unexpected");
    assertEquals(200, alice.post(path(verdict), approve(alice, verdict)).statusCode());

    assertEquals(409, bob.post(path(verdict), unexpected).statusCode(), "give the no again");

    assertEquals(
        Oversight.Change.SESSION_HELD, oversight(verdict.actionId(), 1).getFirst().change());
    Browser carol = signedIn("carol");
    assertEquals(409, carol.post(path(verdict), approve(carol, verdict)).statusCode(), "held");
  }

  private void assertIsNotHeld(Agent agent) {
    Verdict free = allowed(agent);
    wire.publish(free);
    assertEquals(Decision.Outcome.APPROVED, decision(free).outcome());
  }

  @Test
  void aHoldAndApprovalsInTheSameMomentHaveOneOrder() throws Exception {
    for (int round = 0; round < 5; round++) {
      Agent agent = new Agent("bot-" + UUID.randomUUID(), "acme-agents", "run-1", null);
      Verdict unexpected = required(agent);
      Verdict pending = required(agent);
      open(List.of(unexpected, pending));
      Browser alice = signedIn("alice");
      Browser bob = signedIn("bob");
      Map<String, String> hold = form(alice, unexpected, "unexpected");
      Map<String, String> yes = approve(bob, pending);
      List<Verdict> allowed = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        allowed.add(allowed(agent));
      }
      CountDownLatch go = new CountDownLatch(1);
      int bobs;
      try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
        Future<Integer> holds =
            pool.submit(() -> {
              go.await();
              return alice.post(path(unexpected), hold).statusCode();
            });
        Future<Integer> approves =
            pool.submit(() -> {
              go.await();
              return bob.post(path(pending), yes).statusCode();
            });
        go.countDown();
        wire.publishAll(allowed);
        assertEquals(200, holds.get());
        bobs = approves.get();
      }
      // What was decided before the hold is before it in time, and what came after is refused.
      Oversight held = oversight(unexpected.actionId(), 1).getFirst();
      List<Decision> decisions = new ArrayList<>();
      for (Verdict each : allowed) {
        decisions.add(decision(each));
      }
      if (bobs == 200) {
        decisions.add(decision(pending));
      } else {
        assertEquals(409, bobs, "held");
        assertUndecided(pending.actionId());
      }
      for (Decision each : decisions) {
        if (each.outcome() == Decision.Outcome.APPROVED) {
          assertFalse(each.at().isAfter(held.at()), each + " after " + held);
        } else {
          assertEquals("session-held", each.reason() == null ? "" : each.reason().code());
        }
      }
      Verdict late = allowed(agent);
      wire.publish(late);
      assertEquals(Decision.Outcome.REFUSED, decision(late).outcome());
    }
  }

  private static Verdict.ApprovalRequired required(Agent agent) {
    return Verdicts.required(
        Verdicts.id(),
        agent,
        "48200.00",
        Verdicts.requirement(Assurance.CODE, Duration.ofHours(1), Verdicts.seats(1, "finance")));
  }

  private static Verdict.Allowed allowed(Agent agent) {
    ActionId id = Verdicts.id();
    Verdict.Allowed allowed = Verdicts.allowed(id, "1.00");
    Action action = Verdicts.action(agent, "1.00");
    return new Verdict.Allowed(
        id,
        allowed.at(),
        action,
        action.digest(id),
        allowed.facts(),
        allowed.rules(),
        allowed.policyVersion());
  }

  private static String token(Browser browser) {
    return Browser.token(browser.get("/").body());
  }

  private static Map<String, String> form(Browser browser, Verdict verdict, String answer) {
    return Browser.form(browser.get(path(verdict)).body(), answer);
  }

  private static Map<String, String> approve(Browser browser, Verdict verdict) {
    Map<String, String> form = form(browser, verdict, "approve");
    form.put("typed-2", "EUR 48200.00");
    return form;
  }

  private List<Oversight> oversight(ActionId id, int atLeast) {
    return wire.events(Oversight.class, id, Topics.OVERSIGHT, atLeast);
  }
}
