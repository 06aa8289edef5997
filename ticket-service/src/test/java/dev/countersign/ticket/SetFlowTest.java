package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Assurance;
import dev.countersign.events.Batch;
import dev.countersign.events.Decision;
import dev.countersign.events.Intent;
import dev.countersign.events.Requirement;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.events.VoteRecorded;
import dev.countersign.launcher.SoftwarePasskey;
import dev.countersign.ticket.application.Sets;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Batches: what is proposed together is answered together, and each member keeps its own ticket.
@QuarkusTest
class SetFlowTest extends TicketServiceTest {

  private final Agent agent = new Agent("billing-bot", "acme-agents", "run-91c", null);
  private final Batch three = new Batch(UUID.randomUUID().toString(), 3);

  @Test
  void aBatchIsReviewedOnOnePageAndAnyOneOfItCanBeRejected() {
    ActionId first = propose(agent, three, null, "101.00");
    ActionId second = propose(agent, three, null, "102.00");
    ActionId third = propose(agent, three, null, "103.00");
    assertEquals(set(first), set(second));
    assertEquals(3, Objects.requireNonNull(set(third)).size());

    Browser alice = signedIn("alice");
    String ticket = alice.get(path(first)).body();
    String path = path(first) + "/set";
    assertTrue(ticket.contains(path), "the ticket leads to the set");
    String page = alice.get(path).body();
    for (String shown :
        new String[] {
          "101.00", "102.00", "103.00", "All 3 are here", "due today", "Irreversible"
        }) {
      assertTrue(page.contains(shown), shown);
    }
    Map<String, String> form = Browser.form(page, "approve");
    type(form, first, "EUR 101.00");
    type(form, third, "EUR 103.00");
    form.put("reject", second.toString());
    form.put("reason", "Not the second.");
    HttpResponse<String> after = alice.post(path, form);
    assertEquals(200, after.statusCode(), after.body());
    assertTrue(after.body().contains("None of these waits"), after.body());

    assertEquals(Decision.Outcome.APPROVED, decision(first).outcome());
    assertEquals(Decision.Outcome.REJECTED, decision(second).outcome());
    assertEquals("Not the second.", Objects.requireNonNull(decision(second).reason()).text());
    assertEquals(Decision.Outcome.APPROVED, decision(third).outcome());
    assertNotEquals(decision(first).grant(), decision(third).grant());
    assertNotEquals(decision(first).actionDigest(), decision(third).actionDigest());
  }

  @Test
  void whatTheAgentPromisedOfEachIsOnThePageThatIsSignedFor() {
    Intent promises = new Intent("Pay", null, null, "Ask the bank to call it back.", null);
    ActionId first =
        open(Verdicts.in(
                three,
                null,
                Verdicts.required(
                    Verdicts.id(), agent, "106.00", Verdicts.financeWithinTheHour(1), promises)))
            .actionId();
    propose(agent, three, null, "107.00");

    String page = signedIn("alice").get(path(first) + "/set").body();
    assertTrue(page.contains("Ask the bank to call it back."), page);
    assertTrue(page.contains("none declared"), "the other: " + page);
  }

  @Test
  void anIncompleteBatchSaysSoAndCanBeAnsweredAllTheSame() {
    ActionId first = propose(agent, three, null, "111.00");
    Verdict.Allowed allowed = Verdicts.allowed(Verdicts.id(), "1.00");
    wire.publish(
        new Verdict.Allowed(
            allowed.actionId(),
            allowed.at(),
            allowed.action(),
            allowed.actionDigest(),
            allowed.facts(),
            allowed.rules(),
            allowed.policyVersion(),
            three,
            allowed.toolDigest(),
            null));
    decision(allowed.actionId());

    Browser alice = signedIn("alice");
    String path = path(first) + "/set";
    String page = alice.get(path).body();
    assertTrue(page.contains("2 of 3 have come in, 1 are missing"), page);
    assertTrue(page.contains("1 of them are not asked about here"), page);
    assertEquals(200, alice.post(path, Browser.form(page, "reject")).statusCode());
    assertEquals(Decision.Outcome.REJECTED, decision(first).outcome());

    ActionId late = propose(agent, three, null, "112.00");
    assertTrue(alice.get(path(late) + "/set").body().contains("All 3 are here"));
  }

  @Test
  void whatComesInWhileThePageIsOpenIsInNoFormBeforeItIsAskedFor() {
    ActionId first = propose(agent, three, null, "114.00");
    Browser alice = signedIn("alice");
    String path = path(first) + "/set";
    String opened = alice.get(path).body();
    Map<String, String> form = Browser.form(opened, "approve");
    ActionId second = propose(agent, three, null, "115.00");

    String self = opened.replaceFirst("(?s).*data-page=\"([^\"]+)\".*", "$1");
    String byItself = alice.get(self, "Countersign-By-Itself", "1").body();
    assertTrue(byItself.contains("2 of 3 have come in"), byItself);
    assertTrue(byItself.contains("1 more has come in since"), byItself);
    assertTrue(byItself.contains("version." + first), byItself);
    assertFalse(byItself.contains(second.toString()), byItself);
    type(form, first, "EUR 1.00");
    String refused = alice.post(path, form).body();
    assertTrue(refused.contains("not what is shown"), refused);
    assertFalse(refused.contains(second.toString()), refused);
    assertEquals(200, alice.get(path(second), "Countersign-By-Itself", "1").statusCode());
    String looks = "select count(*) from seen where action_id = ?";
    assertEquals(0, number(looks, second.value()), "nobody looked");

    assertTrue(alice.get(path).body().contains("version." + second), "all of it, once asked for");
    assertEquals(1, number(looks, second.value()));
    assertEquals(1, wire.about(second, Topics.TICKET_SEEN, 1).size());
  }

  @Test
  void aBatchIsWholeHoweverLongTheNamesAreThatItsProposerGaveIt() {
    // Random, as what repeats would be packed and fit into any index.
    String name =
        new Random(7)
            .ints(6_000, 'a', 'z' + 1)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    Agent agent = with("bot-" + name, "acme-agents", "run-" + name, null);
    Batch two = new Batch("batch-" + name, 2);
    ActionId one = propose(agent, two, null, "141.00");
    ActionId other = propose(agent, two, null, "142.00");

    assertEquals(set(one), set(other));
    String page = signedIn("alice").get(path(one) + "/set").body();
    assertTrue(page.contains("All 2 are here"), page);
    assertTrue(page.contains("142.00"), page);
  }

  @Test
  void whoeverElseCallsTheirBatchTheSameIsNeverMixedIn() {
    ActionId mine = propose(agent, three, null, "121.00");
    Browser alice = signedIn("alice");
    String path = path(mine) + "/set";
    Map<ActionId, String> others = new HashMap<>();
    others.put(
        propose(with("other-bot", "acme-agents", "run-91c", null), three, null, "122"), "122");
    others.put(propose(with("billing-bot", "other", "run-91c", null), three, null, "123"), "123");
    others.put(
        propose(with("billing-bot", "acme-agents", "run-92", null), three, null, "124"), "124");
    others.put(propose(with("billing-bot", "acme-agents", null, null), three, null, "125"), "125");
    others.put(
        propose(with("billing-bot", "acme-agents", "run-91c", "bob"), three, null, "126"), "126");
    others.put(propose(agent, new Batch(three.id(), 4), null, "127"), "127");
    others.put(propose(agent, three, true, "128"), "128");
    String page = alice.get(path).body();
    assertTrue(page.contains("121.00"));
    others.forEach((other, amount) -> {
      assertNotEquals(set(mine), set(other), amount);
      assertFalse(page.contains(other.toString()), amount);
      // Nor by a form that says otherwise.
      Map<String, String> form = Browser.form(page, "reject");
      form.put("version." + other, "0");
      form.put("shown." + other, "sha256:" + "0".repeat(64));
      assertEquals(400, alice.post(path, form).statusCode(), amount);
      assertUndecided(other);
    });
    assertUndecided(mine);
    String later = alice.get(path).body();
    assertTrue(later.contains("2 of 3 have come in, 1 are missing"), "with 128: " + later);
  }

  @Test
  void whatTheOperatorHasAskedAboutAloneStandsInNoSet() {
    ActionId alone = propose(agent, three, true, "131.00");
    assertNull(set(alone));
    Browser alice = signedIn("alice");
    String ticket = alice.get(path(alone)).body();
    assertFalse(ticket.contains(path(alone) + "/set"), ticket);
    assertEquals(404, alice.get(path(alone) + "/set").statusCode());
  }

  @Test
  void aMemberThatIsAnsweredAlreadyDoesNotSpoilTheOthers() {
    ActionId first = propose(agent, three, null, "141.00");
    ActionId second = propose(agent, three, null, "142.00");
    ActionId third = propose(agent, three, null, "143.00");
    Browser alice = signedIn("alice");
    String path = path(second) + "/set";
    Map<String, String> form = Browser.form(alice.get(path).body(), "approve");
    type(form, first, "EUR 141.00");
    type(form, second, "EUR 14.20");
    type(form, third, "EUR 143.00");
    form.put("reason", "As agreed.");

    Browser bob = signedIn("bob");
    String his = bob.get(path(first)).body();
    assertEquals(200, bob.post(path(first), Browser.form(his, "reject")).statusCode());

    HttpResponse<String> after = alice.post(path, form);
    assertEquals(409, after.statusCode());
    assertTrue(after.body().contains("answered already"), after.body());
    assertTrue(after.body().contains("not what is shown"), after.body());
    // Nothing has to be typed twice, and what is wrong says so.
    String wrong = "typed-2." + second;
    for (String said :
        List.of(
            "id=\"" + wrong + "\"",
            "value=\"EUR 14.20\" aria-invalid=\"true\" aria-describedby=\"" + wrong + "-wrong\"",
            "id=\"" + wrong + "-wrong\"",
            ">As agreed.</textarea>")) {
      assertTrue(after.body().contains(said), said + " in " + after.body());
    }
    assertEquals(Decision.Outcome.REJECTED, decision(first).outcome());
    assertUndecided(second);
    assertEquals(Decision.Outcome.APPROVED, decision(third).outcome());
    assertEquals(1, wire.about(first, Topics.DECISION, 1).size());
  }

  @Test
  void aSetIsAnsweredFromItsOwnPageAloneAndAGetAnswersNothing() {
    ActionId first = propose(agent, three, null, "151.00");
    String path = path(first) + "/set";
    Browser stranger = browser();
    assertFalse(stranger.get(path).body().contains("151.00"), "signed out");
    Browser dave = signedIn("dave");
    assertEquals(404, dave.get(path).statusCode(), "not of finance");

    Browser alice = signedIn("alice");
    Map<String, String> form = Browser.form(alice.get(path).body(), "reject");
    assertEquals(
        403, alice.post(path, form, "Sec-Fetch-Site", "cross-site").statusCode(), "elsewhere");
    form.put("token", "forged");
    assertEquals(403, alice.post(path, form).statusCode());
    HttpResponse<String> signedOut = stranger.post(path, form);
    assertEquals(401, signedOut.statusCode());
    assertTrue(signedOut.body().contains("You had been signed out; nothing was sent."));
    assertTrue(signedOut.body().contains("name=\"then\" value=\"" + path + "\""));
    HttpResponse<String> back = stranger.signIn(mails, "alice@acme.example", path);
    assertEquals(path, back.uri().getRawPath());
    form.put("token", Browser.token(dave.get("/").body()));
    assertEquals(404, dave.post(path, form).statusCode(), "not of finance");
    assertUndecided(first);
  }

  @Test
  void aSetThatOnlyTheSessionOfARevokedPasskeyVouchesForIsNotAnswered() {
    SoftwarePasskey lost = passkeyOf("alice");
    ActionId first = propose(agent, three, null, "155.00");
    String path = path(first) + "/set";
    Browser thief = signedIn(lost);
    Map<String, String> form = Browser.form(thief.get(path).body(), "reject");
    // On the way: the session is still there.
    markRevoked(lost);
    HttpResponse<String> answer = thief.post(path, form);
    assertEquals(409, answer.statusCode());
    assertTrue(answer.body().contains("was revoked, so it answers nothing"), answer.body());
    assertUndecided(first);
  }

  @Test
  void oneAssertionAnswersTheWholeSetAndNothingElseThanWasSigned() {
    SoftwarePasskey passkey = passkeyOf("alice");
    Requirement strong =
        Verdicts.requirement(Assurance.PASSKEY, Duration.ofHours(1), Verdicts.seats(1, "finance"));
    ActionId first = propose(agent, three, null, "161.00", strong);
    ActionId second = propose(agent, three, null, "162.00", strong);
    ActionId third = propose(agent, three, null, "163.00");
    Browser alice = signedIn("alice");
    String path = path(first) + "/set";
    Map<String, String> form = Browser.form(alice.get(path).body(), "approve");
    type(form, first, "EUR 161.00");
    type(form, second, "EUR 162.00");
    type(form, third, "EUR 163.00");

    HttpResponse<String> weak = alice.post(path, Map.copyOf(form));
    assertEquals(409, weak.statusCode());
    assertTrue(weak.body().contains("needs a passkey"), weak.body());
    assertUndecided(first);
    assertEquals(Decision.Outcome.APPROVED, decision(third).outcome(), "a code is enough for it");

    sign(alice, path, form, passkey);
    form.put("reject", second.toString());
    assertEquals(403, alice.post(path, form).statusCode(), "that is not what was signed");
    assertUndecided(first);

    sign(alice, path, form, passkey);
    assertEquals(409, alice.post(path, form).statusCode(), "the third has its answer already");
    assertEquals(Decision.Outcome.APPROVED, decision(first).outcome());
    assertEquals(Decision.Outcome.REJECTED, decision(second).outcome());
    VoteRecorded vote = wire.events(VoteRecorded.class, first, Topics.VOTE_RECORDED, 1).getFirst();
    assertEquals(Assurance.PASSKEY, vote.assurance());
  }

  @Test
  void theSameQuestionAskedOverIsAnsweredOnOnePageByOneAssertionAndEachKeepsItsOwnAnswer() {
    SoftwarePasskey passkey = passkeyOf("alice");
    List<ActionId> same = List.of(ask(null), ask(null), ask(null));
    ActionId other = ask("other");
    ActionId alone = alone();
    Browser alice = signedIn("alice");
    String path = "/tickets/" + same.getFirst() + "/set";
    String inbox = alice.get("/").body();
    assertTrue(inbox.contains("href=\"" + path + "\""), inbox);
    assertFalse(inbox.contains("/tickets/" + same.get(1)), "one row for all of them");
    assertTrue(inbox.contains("href=\"/tickets/" + alone + "\""), "that is asked about alone");
    assertTrue(
        alice.get("/tickets/" + same.get(1)).body().contains("/tickets/" + same.get(1) + "/set"));

    String page = alice.get(path).body();
    assertTrue(page.contains("The same question, 3 times"), page);
    same.forEach(each -> assertTrue(page.contains("version." + each), each.toString()));
    List.of(other, alone).forEach(each -> assertFalse(page.contains(each.toString())));
    Map<String, String> form = Browser.form(page, "approve");
    same.forEach(each -> type(form, each, "EUR 171.00"));
    form.put("reject", same.get(1).toString());
    for (ActionId each : List.of(other, alone)) {
      Map<String, String> forged = new HashMap<>(form);
      forged.put("version." + each, "0");
      forged.put("shown." + each, "sha256:" + "0".repeat(64));
      assertEquals(400, alice.post(path, forged).statusCode(), "not even by a form that says so");
    }
    sign(alice, path, form, passkey);
    HttpResponse<String> after = alice.post(path, form);
    assertEquals(200, after.statusCode(), after.body());
    same.forEach(each ->
        assertTrue(after.body().contains("/tickets/" + each + "\""), "all that was answered"));

    assertEquals(Decision.Outcome.APPROVED, decision(same.get(0)).outcome());
    assertEquals(Decision.Outcome.REJECTED, decision(same.get(1)).outcome());
    assertEquals(Decision.Outcome.APPROVED, decision(same.get(2)).outcome());
    Set<String> attestations = new HashSet<>();
    for (ActionId each : same) {
      VoteRecorded vote = wire.events(VoteRecorded.class, each, Topics.VOTE_RECORDED, 1).getFirst();
      assertEquals(Assurance.PASSKEY, vote.assurance());
      attestations.add(Objects.requireNonNull(vote.attestation()).toString());
    }
    assertEquals(3, attestations.size(), "each has its own");
    List.of(other, alone).forEach(this::assertUndecided);
    assertEquals(404, alice.get("/tickets/" + alone + "/set").statusCode());
  }

  @Test
  void oneOfTheSameThatIsAnsweredMeanwhileDoesNotSpoilTheOthers() {
    List<ActionId> same = List.of(ask(null), ask(null));
    SoftwarePasskey hers = passkeyOf("alice");
    SoftwarePasskey his = passkeyOf("bob");
    Browser alice = signedIn("alice");
    String path = "/tickets/" + same.getFirst() + "/set";
    Map<String, String> form = Browser.form(alice.get(path).body(), "approve");
    same.forEach(each -> type(form, each, "EUR 171.00"));
    sign(alice, path, form, hers);

    Browser bob = signedIn("bob");
    String ticket = "/tickets/" + same.getFirst();
    Map<String, String> no = Browser.form(bob.get(ticket).body(), "reject");
    sign(bob, ticket, no, his);
    assertEquals(200, bob.post(ticket, no).statusCode());

    HttpResponse<String> after = alice.post(path, form);
    assertEquals(409, after.statusCode());
    assertTrue(after.body().contains("answered already"), after.body());
    assertEquals(Decision.Outcome.REJECTED, decision(same.get(0)).outcome());
    assertEquals(Decision.Outcome.APPROVED, decision(same.get(1)).outcome());
  }

  @Test
  void howeverOftenTheSameIsAskedWhoAnswersSomeHasTheNextOnesBeforeThem() {
    // As many as a page ever shows: what was answered, the ticket itself, and what waits.
    List<Verdict.ApprovalRequired> asked =
        Stream.generate(() ->
                Verdicts.asking(
                    Verdicts.id(), agent, "174.00", three.id(), Verdicts.financeWithinTheHour(1)))
            .limit(3 * Sets.MOST + 5)
            .toList();
    ActionId first = asked.getFirst().actionId();
    open(List.of(asked.getFirst()));
    open(asked.subList(1, asked.size()));
    Browser alice = signedIn("alice");
    String page = alice.get(path(first) + "/set").body();
    for (int shown : new int[] {Sets.MOST, 2 * Sets.MOST, 2 * Sets.MOST + 1, Sets.MOST + 6}) {
      String self = page.replaceFirst("(?s).*data-page=\"([^\"]+)\".*", "$1");
      assertEquals(shown, self.split(",").length);
      String byItself = alice.get(self, "Countersign-By-Itself", "1").body();
      assertEquals(Browser.form(page, "reject"), Browser.form(byItself, "reject"));
      String changes = page.replaceFirst("(?s).*data-changes=\"([^\"]+)\".*", "$1");
      String mark = page.replaceFirst("(?s).*data-mark=\"([^\"]+)\".*", "$1");
      HttpResponse<String> sight = alice.get(changes + "&mark=" + mark);
      assertEquals(mark, json(sight).path("mark").textValue());
      page = alice.post(path(first) + "/set", Browser.form(page, "reject")).body();
    }
    assertTrue(page.contains("None of these waits"), page);
    asked.forEach(each -> assertEquals(Decision.Outcome.REJECTED, decision(each).outcome()));
  }

  /// The very same question of one run, but for what is paid where that is said.
  private ActionId ask(@Nullable String other) {
    return open(Verdicts.asking(
            Verdicts.id(),
            agent,
            other == null ? "171.00" : "172.00",
            three.id(),
            passkeyOfFinance()))
        .actionId();
  }

  private ActionId alone() {
    Verdict.ApprovalRequired verdict =
        Verdicts.asking(Verdicts.id(), agent, "173.00", three.id(), passkeyOfFinance());
    return open(Verdicts.in(null, true, verdict)).actionId();
  }

  private static Requirement passkeyOfFinance() {
    return Verdicts.requirement(
        Assurance.PASSKEY, Duration.ofMinutes(10), Verdicts.seats(1, "finance"));
  }

  private static Agent with(
      String id, String platform, @Nullable String session, @Nullable String onBehalfOf) {
    return new Agent(id, platform, session, onBehalfOf);
  }

  private ActionId propose(Agent by, Batch batch, @Nullable Boolean alone, String amount) {
    return propose(by, batch, alone, amount, Verdicts.financeWithinTheHour(1));
  }

  private ActionId propose(
      Agent by, Batch batch, @Nullable Boolean alone, String amount, Requirement requirement) {
    Verdict.ApprovalRequired verdict =
        Verdicts.in(batch, alone, Verdicts.required(Verdicts.id(), by, amount, requirement));
    return open(verdict).actionId();
  }

  private static void type(Map<String, String> form, ActionId id, String value) {
    form.put("typed-2." + id, value);
  }

  private TicketOpened.@Nullable Set set(ActionId id) {
    return wire.events(TicketOpened.class, id, Topics.TICKET_OPENED, 1).getFirst().set();
  }
}
