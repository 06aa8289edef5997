package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Assurance;
import dev.countersign.events.Digest;
import dev.countersign.events.Execution;
import dev.countersign.events.LateOutcome;
import dev.countersign.events.Oversight;
import dev.countersign.events.Reason;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.launcher.SoftwarePasskey;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// An outcome that nobody knows stays before people's eyes until one of them has looked.
@QuarkusTest
class FindingsFlowTest extends TicketServiceTest {

  private static final Instant AT = Instant.parse("2026-11-21T10:00:00Z");

  private final Agent agent =
      new Agent("bot-" + UUID.randomUUID(), "acme-agents", "run-7", "carol@acme.example");

  @Test
  void whoMayDecideSaysWhatTheyFoundOnceAndCorrectionsAreAdded() {
    Browser alice = signedIn("alice");
    Browser bob = signedIn("bob");
    Browser carol = signedIn("carol");
    Browser dave = signedIn("dave");
    Verdict lost = unknown(alice, Assurance.CODE);
    String findings = path(lost) + "/findings";

    String page = bob.get(path(lost)).body();
    assertTrue(page.contains("Nobody has looked yet"), page);
    assertTrue(page.contains("Outcome unknown: somebody must look"), page);
    assertTrue(bob.get("/attention").body().contains(agent.id()));
    int waiting = toLookInto(bob);
    assertTrue(waiting > 0, "every page's menu says so");
    assertFalse(dave.get("/attention").body().contains(agent.id()));
    assertFalse(dave.get(path(lost)).body().contains("Nobody has looked yet"));
    // Carol stands behind it: she sees it and says nothing about it. Dave was never asked.
    assertTrue(carol.get(path(lost)).body().contains("Somebody else must look"));
    assertEquals(403, carol.post(findings, saying(carol, "no-effect", "gone", 0)).statusCode());
    assertEquals(403, dave.post(findings, saying(dave, "no-effect", "gone", 0)).statusCode());
    assertEquals(403, bob.post(findings, with("token", "another", bob)).statusCode());
    assertEquals(400, bob.post(findings, with("words", "  ", bob)).statusCode());
    HttpResponse<String> incomplete = bob.post(findings, with("finding", "maybe", bob));
    assertEquals(400, incomplete.statusCode());
    assertTrue(incomplete.body().contains("Nothing was recorded"), incomplete.body());
    assertTrue(incomplete.body().contains(">Not there.</textarea>"), incomplete.body());
    assertEquals(List.of(), oversight(lost, 0));

    Map<String, String> none = saying(bob, "no-effect", "Not in the <b>bank's</b> list.", 0);
    HttpResponse<String> found = bob.post(findings, none);
    assertEquals(200, found.statusCode());
    assertTrue(found.body().contains("It had no effect"), found.body());
    assertTrue(found.body().contains("Not in the &lt;b&gt;bank&#39;s&lt;/b&gt; list."));
    assertTrue(found.body().contains("A person has looked: It had no effect"), found.body());
    assertFalse(found.body().contains("somebody must look"), "neither above nor in the history");
    assertFalse(found.body().contains("promised"), "what had no effect is not rolled back");
    assertTrue(found.body().contains("Bob Okafor looked: It had no effect"), found.body());
    Oversight first = oversight(lost, 1).getFirst();
    assertEquals(Oversight.Change.RECONCILED, first.change());
    assertEquals("bob", first.by());
    assertEquals(agent, first.agent());
    assertEquals(
        new Reason("no-effect", "Not in the <b>bank's</b> list."), first.reason(), "his words");
    assertEquals(
        new Oversight.Reconciled(Oversight.Finding.NO_EFFECT, false, 1), first.reconciled());
    assertFalse(bob.get("/attention").body().contains(agent.id()));
    assertEquals(waiting - 1, toLookInto(bob));

    // Pressed twice it is said once. Whoever has not read it says nothing over it.
    assertEquals(200, bob.post(findings, none).statusCode());
    HttpResponse<String> stale =
        alice.post(findings, saying(alice, "took-effect", "it is <there>", 0));
    assertEquals(409, stale.statusCode());
    assertTrue(stale.body().contains("read it first"), stale.body());
    assertTrue(stale.body().contains("Not in the &lt;b&gt;bank"), "what there is to read");
    assertTrue(stale.body().contains(">it is &lt;there&gt;</textarea>"), "her words stay");
    assertTrue(stale.body().contains("value=\"took-effect\" checked"), stale.body());
    // Such a page goes on as the ticket's own: there is none to get where the form went.
    assertTrue(stale.body().contains("data-page=\"" + path(lost) + "\""), stale.body());
    HttpResponse<String> signedOut = browser().post(findings, none);
    assertTrue(signedOut.body().contains("name=\"then\" value=\"" + path(lost) + "\""));
    assertEquals(1, oversight(lost, 1).size());
    HttpResponse<String> corrected =
        alice.post(findings, saying(alice, "took-effect", "Booked in the evening.", 1));
    assertEquals(200, corrected.statusCode());
    assertTrue(corrected.body().contains("Not in the &lt;b&gt;bank"), "the first one stands");
    assertTrue(corrected.body().contains("Booked in the evening."), corrected.body());
    assertTrue(corrected.body().contains("correction"), corrected.body());
    assertEquals(
        new Oversight.Reconciled(Oversight.Finding.TOOK_EFFECT, true, 2),
        oversight(lost, 2).getLast().reconciled());
    assertTrue(alice.get(path(lost), "Accept-Language", "de").body().contains("Es ist geschehen"));

    AssertionError stands =
        assertThrows(
            AssertionError.class,
            () ->
                sql(
                    "update finding set words = 'other' where action_id = cast(? as uuid)",
                    lost.actionId().toString()));
    assertTrue(String.valueOf(stands.getMessage()).contains("stands; add another"));
  }

  @Test
  void anAdminSaysItOfWhatTheyAreNotAskedAndOfWhatThePolicyAllowed() {
    Browser alice = signedIn("alice");
    Browser erin = signedIn("erin");
    Verdict asked = unknown(alice, Assurance.CODE);
    Verdict.Allowed allowed = allowed();
    wire.publish(allowed);
    decision(allowed);
    wire.publish(lost(allowed.actionId(), allowed.actionDigest()));
    await(() -> erin.get("/attention").body().contains(path(allowed)));

    assertTrue(erin.get(path(asked)).body().contains("Nobody has looked yet"));
    assertEquals(
        200,
        erin.post(path(asked) + "/findings", saying(erin, "took-effect", "It is there.", 0))
            .statusCode());
    assertEquals("erin", oversight(asked, 1).getFirst().by());

    String page = erin.get(path(allowed)).body();
    assertTrue(page.contains("Approved by the policy"), page);
    assertTrue(page.contains("payments/wire_transfer"), page);
    assertTrue(page.contains("&quot;amount&quot;"), "what it was about");
    assertTrue(page.contains("data-changes=\"/changes?ticket=" + allowed.actionId()), page);
    assertTrue(page.contains("data-page=\"" + path(allowed) + "\""), page);
    HttpResponse<String> sight =
        erin.get("/changes?ticket=" + allowed.actionId() + "&mark=0approved%2B&wait=0");
    assertTrue(sight.body().contains("\"0approved+\""), sight.body());
    assertTrue(page.contains("data-mark=\"0approved+\""), page);
    assertFalse(alice.get("/attention").body().contains(path(allowed)));
    assertTrue(alice.get(path(allowed)).body().contains("No person was asked about this."));
    assertEquals(
        403,
        alice.post(path(allowed) + "/findings", saying(alice, "took-effect", "x", 0)).statusCode());
    assertEquals(
        200,
        erin.post(path(allowed) + "/findings", saying(erin, "no-effect", "Nothing there.", 0))
            .statusCode());
    assertEquals(agent, oversight(allowed, 1).getFirst().agent());
    assertTrue(erin.get(path(allowed)).body().contains("Nothing there."));
    assertTrue(erin.get(path(allowed)).body().contains("A person has looked: It had no effect"));
    assertFalse(erin.get("/attention").body().contains(path(allowed)));
  }

  @Test
  void whatPostgresHoldsInNoTextHidesNothing() {
    Agent odd = new Agent(agent.id(), null, null, "some\0body");
    Verdict.Allowed allowed = allowed(Verdicts.id(), odd);
    wire.publish(allowed);
    decision(allowed);
    wire.publish(
        new Execution(
            allowed.actionId(),
            AT,
            Execution.Status.UNKNOWN,
            1,
            AT,
            AT,
            allowed.actionDigest(),
            null,
            new Reason("interrupted", "It was cut \0 off.")));
    Browser erin = signedIn("erin");
    await(() -> erin.get("/attention").body().contains(path(allowed)));
    assertTrue(toLookInto(erin) > 0);
    assertEquals(
        200,
        erin.post(path(allowed) + "/findings", saying(erin, "no-effect", "Nothing there.", 0))
            .statusCode());
  }

  @Test
  void anAdminWhoIsBehindWhatThePolicyAllowedSaysNothingOfIt() {
    Agent hers = new Agent(agent.id(), null, null, null, "erin");
    ActionId id = Verdicts.id();
    Verdict.Allowed allowed = allowed(id, hers);
    wire.publish(allowed);
    decision(allowed);
    wire.publish(lost(id, allowed.actionDigest()));
    Browser erin = signedIn("erin");
    await(() -> erin.get("/attention").body().contains(path(allowed)));
    assertTrue(erin.get(path(allowed)).body().contains("Somebody else must look"));
    assertEquals(
        403,
        erin.post(path(allowed) + "/findings", saying(erin, "no-effect", "x", 0)).statusCode());
  }

  @Test
  void whereTheAnswerTookAPasskeySoDoesTheFinding() {
    Browser alice = signedIn("alice");
    SoftwarePasskey hers = passkeyOf("alice");
    Verdict.ApprovalRequired verdict = opened(Assurance.PASSKEY);
    Map<String, String> form = Browser.form(alice.get(path(verdict)).body(), "approve");
    form.put("typed-2", "EUR 48200.00");
    sign(alice, path(verdict), form, hers);
    assertEquals(200, alice.post(path(verdict), form).statusCode());
    end(alice, verdict);

    assertTrue(alice.get(path(verdict)).body().contains("Sign in by your passkey"));
    assertTrue(
        alice.get(path(verdict)).body().contains("data-changes"), "open until somebody looked");
    assertEquals(
        403,
        alice.post(path(verdict) + "/findings", saying(alice, "took-effect", "x", 0)).statusCode());
    sql("update session set began = 'passkey' where approver = 'alice'");
    assertEquals(
        200,
        alice
            .post(path(verdict) + "/findings", saying(alice, "took-effect", "It is there.", 0))
            .statusCode());
    assertEquals(1, oversight(verdict, 1).size());
    assertFalse(alice.get(path(verdict)).body().contains("data-changes"));
  }

  @Test
  void whereTheAnswerTookACodeTheSentenceAsksForNoPasskey() {
    Browser alice = signedIn("alice");
    Verdict lost = unknown(alice, Assurance.CODE);
    sql("update session set began = 'oidc' where approver = 'alice'");
    String page = alice.get(path(lost)).body();
    assertTrue(page.contains("takes a mailed code or a passkey"), page);
    assertEquals(
        403,
        alice.post(path(lost) + "/findings", saying(alice, "took-effect", "x", 0)).statusCode());
  }

  @Test
  void whatIsKnownIsNotFoundOut() {
    Browser alice = signedIn("alice");
    Verdict.ApprovalRequired verdict = approved(alice, Assurance.CODE);
    assertEquals(
        409,
        alice.post(path(verdict) + "/findings", saying(alice, "took-effect", "x", 0)).statusCode());
    wire.publish(
        new Execution(
            verdict.actionId(),
            AT,
            Execution.Status.FAILED,
            1,
            AT,
            AT,
            verdict.actionDigest(),
            null,
            new Reason("target", "It said no.")));
    awaitEnd(alice, verdict);
    assertFalse(alice.get(path(verdict)).body().contains("What people found"));
    assertEquals(
        409,
        alice.post(path(verdict) + "/findings", saying(alice, "took-effect", "x", 0)).statusCode());
  }

  @Test
  void whatIsSaidOtherwiseAfterAFindingIsLookedIntoAgain() {
    Browser alice = signedIn("alice");
    Browser bob = signedIn("bob");
    Verdict lost = unknown(alice, Assurance.CODE);
    String findings = path(lost) + "/findings";
    Map<String, String> none = saying(bob, "no-effect", "Not in the list.", 0);
    assertEquals(200, bob.post(findings, none).statusCode());
    assertFalse(bob.get("/attention").body().contains(agent.id()));

    wire.publish(late(lost, Execution.Status.SUCCEEDED));
    await(() -> bob.get("/attention").body().contains(agent.id()));
    assertTrue(bob.get(path(lost)).body().contains("contradicts what stood here before"));
    // Who has not read it says nothing over it, and who has says the same anew.
    none.put("words", "Still not there.");
    none.put("after", "1");
    assertEquals(409, bob.post(findings, none).statusCode());
    none.put("words", "Not in the list.");
    none.put("after", "2");
    assertEquals(200, bob.post(findings, none).statusCode());
    assertEquals(
        new Oversight.Reconciled(Oversight.Finding.NO_EFFECT, true, 2),
        oversight(lost, 2).getLast().reconciled());
    assertFalse(bob.get("/attention").body().contains(agent.id()));

    // What says as they did is no doubt.
    wire.publish(late(lost, Execution.Status.FAILED));
    await(() -> bob.get(path(lost)).body().contains("f2l2"));
    assertFalse(bob.get("/attention").body().contains(agent.id()));
  }

  @Test
  void whatFailedAndIsSaidToHaveSucceededLaterIsLookedInto() {
    Browser alice = signedIn("alice");
    Browser erin = signedIn("erin");
    Verdict.ApprovalRequired asked = approved(alice, Assurance.CODE);
    wire.publish(ended(asked.actionId(), asked.actionDigest(), Execution.Status.FAILED));
    awaitEnd(alice, asked);
    assertFalse(alice.get("/attention").body().contains(agent.id()));
    wire.publish(late(asked, Execution.Status.SUCCEEDED));
    await(() -> alice.get("/attention").body().contains(path(asked)));
    assertTrue(alice.get(path(asked)).body().contains("contradicts what stood here before"));
    assertEquals(
        200,
        alice
            .post(path(asked) + "/findings", saying(alice, "took-effect", "It is there.", 1))
            .statusCode());
    assertEquals("alice", oversight(asked, 1).getFirst().by());
    assertTrue(alice.get(path(asked)).body().contains("It is there."), "and it stays to be read");

    // Also of what nobody was asked about, and whichever comes first.
    Verdict.Allowed allowed = allowed();
    wire.publish(allowed);
    decision(allowed);
    wire.publish(ended(allowed.actionId(), allowed.actionDigest(), Execution.Status.FAILED));
    wire.publish(late(allowed, Execution.Status.SUCCEEDED));
    Verdict.ApprovalRequired before = approved(alice, Assurance.CODE);
    wire.publish(late(before, Execution.Status.UNKNOWN));
    wire.publish(ended(before.actionId(), before.actionDigest(), Execution.Status.FAILED));
    await(() -> erin.get("/attention").body().contains(path(allowed)));
    await(() -> erin.get("/attention").body().contains(path(before)));
  }

  @Test
  void whatHasWaitedLongestComesFirstAndOthersOutcomesTakeNobodysPlace() {
    Browser alice = signedIn("alice");
    Browser dave = signedIn("dave");
    int before = toLookInto(alice);
    int his = toLookInto(dave);
    Verdict first = unknown(alice, Assurance.CODE);
    Verdict second = unknown(alice, Assurance.CODE);
    // More than a page shows, all newer, and none of it hers.
    sql(
        """
        insert into ticket (action_id, version, state, opened_at, decided_at, traceparent, agent)
        select gen_random_uuid(), 0, 'approved', now(), now(), '', ? from generate_series(1, 120)
        """,
        agent.id() + "-others");
    sql(
        """
        insert into execution (action_id, event, ended, to_reconcile)
        select t.action_id, replace(e.event, cast(e.action_id as text), cast(t.action_id as text)), e.ended, true
        from ticket t, execution e where t.agent = ? and e.action_id = cast(? as uuid)
        """,
        agent.id() + "-others",
        first.actionId().toString());
    try {
      String list = alice.get("/attention").body();
      assertTrue(list.contains(path(second)), list);
      assertTrue(list.indexOf(path(first)) < list.indexOf(path(second)), "the oldest first");
      assertFalse(list.contains("-others"), list);
      assertEquals(before + 2, toLookInto(alice));
      assertEquals(his, toLookInto(dave));
      Browser erin = signedIn("erin");
      assertTrue(toLookInto(erin) >= 122, "counted without an end");
    } finally {
      sql(
          "delete from execution where action_id in (select action_id from ticket where agent = ?)",
          agent.id() + "-others");
      sql("delete from ticket where agent = ?", agent.id() + "-others");
    }
  }

  /// What the mark in the menu says; there may be others', of other tests.
  private static int toLookInto(Browser browser) {
    Matcher mark =
        Pattern.compile("([0-9]+) outcomes? to look into").matcher(browser.get("/search").body());
    return mark.find() ? Integer.parseInt(mark.group(1)) : 0;
  }

  private List<Oversight> oversight(Verdict verdict, int atLeast) {
    return wire.events(Oversight.class, verdict.actionId(), Topics.OVERSIGHT, atLeast);
  }

  private static Map<String, String> saying(
      Browser browser, String finding, String words, int after) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("token", Browser.token(browser.get("/").body()));
    form.put("finding", finding);
    form.put("words", words);
    form.put("after", Integer.toString(after));
    return form;
  }

  private static Map<String, String> with(String field, String value, Browser browser) {
    Map<String, String> form = saying(browser, "no-effect", "Not there.", 0);
    form.put(field, value);
    return form;
  }

  private Verdict.ApprovalRequired unknown(Browser approver, Assurance assurance) {
    Verdict.ApprovalRequired verdict = approved(approver, assurance);
    end(approver, verdict);
    return verdict;
  }

  private void end(Browser approver, Verdict.ApprovalRequired verdict) {
    wire.publish(lost(verdict.actionId(), verdict.actionDigest()));
    awaitEnd(approver, verdict);
  }

  private static LateOutcome late(Verdict verdict, Execution.Status status) {
    Digest digest =
        switch (verdict) {
          case Verdict.ApprovalRequired it -> it.actionDigest();
          case Verdict.Allowed it -> it.actionDigest();
          case Verdict.Denied _, Verdict.Refused _ -> throw new AssertionError("it runs not");
        };
    return new LateOutcome(
        verdict.actionId(), AT.plusSeconds(60), status, digest, "201", null, null);
  }

  private static Execution lost(ActionId id, Digest digest) {
    return ended(id, digest, Execution.Status.UNKNOWN);
  }

  private static Execution ended(ActionId id, Digest digest, Execution.Status status) {
    return new Execution(
        id,
        AT,
        status,
        1,
        AT,
        AT,
        digest,
        null,
        new Reason("interrupted", "It was cut off after it had begun."));
  }

  /// Waits as an open page does.
  private static void awaitEnd(Browser browser, Verdict verdict) {
    String sight =
        browser.get("/changes?ticket=" + verdict.actionId() + "&mark=1approved&wait=20").body();
    assertTrue(sight.contains("\"1approved+\""), sight);
  }

  private static void await(BooleanSupplier so) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!so.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "never so");
    }
  }

  private Verdict.ApprovalRequired opened(Assurance assurance) {
    Verdict.ApprovalRequired verdict =
        Verdicts.required(
            Verdicts.id(),
            agent,
            "48200.00",
            Verdicts.requirement(assurance, Duration.ofHours(1), Verdicts.seats(1, "finance")));
    open(verdict);
    return verdict;
  }

  private Verdict.ApprovalRequired approved(Browser approver, Assurance assurance) {
    Verdict.ApprovalRequired verdict = opened(assurance);
    Map<String, String> form = Browser.form(approver.get(path(verdict)).body(), "approve");
    form.put("typed-2", "EUR 48200.00");
    assertEquals(200, approver.post(path(verdict), form).statusCode());
    return verdict;
  }

  private Verdict.Allowed allowed() {
    return allowed(Verdicts.id(), agent);
  }

  private static Verdict.Allowed allowed(ActionId id, Agent agent) {
    Action action = Verdicts.action(agent, "1.00");
    return new Verdict.Allowed(
        id,
        AT,
        action,
        action.digest(id),
        JsonNodeFactory.instance.objectNode(),
        List.of(),
        Verdicts.POLICY);
  }
}
