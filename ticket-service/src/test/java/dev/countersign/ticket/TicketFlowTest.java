package dev.countersign.ticket;

import static dev.countersign.ticket.Verdicts.required;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.ActionCancelled;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Expired;
import dev.countersign.events.Intent;
import dev.countersign.events.Precondition;
import dev.countersign.events.Requirement;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.TicketSeen;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.events.VoteRecorded;
import dev.countersign.events.VoteSubmitted;
import dev.countersign.testservers.SmtpLine;
import dev.countersign.testservers.Wire;
import dev.countersign.ticket.application.SignIn;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.math.BigInteger;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The ticket service from outside: Kafka, HTTP and SMTP, with a real broker and database.
@QuarkusTest
class TicketFlowTest extends TicketServiceTest {

  @Inject SignIn signIn;

  @Test
  void whatIsAllowedIsApprovedAtOnceWithAGrantThatAnybodyCanVerify() throws Exception {
    Verdict.Allowed allowed = Verdicts.allowed(Verdicts.id(), "99.00");
    wire.publish(allowed);

    ConsumerRecord<byte[], byte[]> record =
        wire.about(allowed.actionId(), Topics.DECISION, 1).getFirst();
    Decision decision = EventJson.read(record.value(), Decision.class);
    assertEquals(Decision.Outcome.APPROVED, decision.outcome());
    assertEquals(Decision.Basis.POLICY, decision.basis());
    assertEquals(allowed.action(), decision.action());
    assertEquals(Wire.TRACE, Wire.header(record, "traceparent"));
    JsonNode claims = verified(decision.grant());
    assertEquals("urn:countersign:ticket-service", claims.path("iss").textValue());
    assertEquals("payments", claims.path("aud").textValue());
    assertEquals("billing-bot", claims.path("sub").textValue());
    assertEquals(allowed.actionId().toString(), claims.path("jti").textValue());
    assertEquals(120, claims.path("exp").longValue() - claims.path("iat").longValue());
    assertEquals(claims.path("iat"), claims.path("nbf"));
    JsonNode details = claims.path("authorization_details").path(0);
    assertEquals("urn:countersign:tool-call:v1", details.path("type").textValue());
    assertEquals("payments/wire_transfer", details.path("actions").path(0).textValue());
    assertEquals(allowed.actionId().toString(), details.path("identifier").textValue());
    assertEquals(allowed.actionDigest().value(), details.path("action_digest").textValue());
    assertEquals(0, claims.path("approvals").size());
  }

  @Test
  void aGrantLivesAsLongAsThePolicySays() throws Exception {
    Duration one = Duration.ofMinutes(1);
    Verdict.Allowed usual = Verdicts.allowed(Verdicts.id(), "50.00");
    Verdict.Allowed allowed =
        new Verdict.Allowed(
            usual.actionId(),
            usual.at(),
            usual.action(),
            usual.actionDigest(),
            usual.facts(),
            usual.rules(),
            usual.policyVersion(),
            null,
            null,
            one);
    wire.publish(allowed);
    assertEquals(one, life(decision(allowed.actionId())));

    Duration ten = Duration.ofMinutes(10);
    Requirement usually = Verdicts.financeWithinTheHour(1);
    Verdict.ApprovalRequired verdict =
        Verdicts.required(
            Verdicts.id(),
            Verdicts.BOT,
            "48200.00",
            new Requirement(
                usually.quorums(),
                usually.assurance(),
                usually.deadline(),
                usually.channels(),
                usually.escalate(),
                usually.trust(),
                ten));
    assertEquals(ten, open(verdict).requirement().grantLife());
    Browser alice = signedIn("alice");
    assertEquals(
        200, alice.post(path(verdict), approve(alice.get(path(verdict)).body())).statusCode());
    assertEquals(ten, life(decision(verdict)));
  }

  private Duration life(Decision decision) throws Exception {
    JsonNode claims = verified(decision.grant());
    return Duration.ofSeconds(claims.path("exp").longValue() - claims.path("nbf").longValue());
  }

  @Test
  void whatTheActionRestsOnIsShownAndStandsInTheGrant() throws Exception {
    Digest tables = Digest.of("14".getBytes(StandardCharsets.UTF_8));
    Verdict.ApprovalRequired plain = required(Verdicts.id(), 1);
    Verdict.ApprovalRequired verdict =
        plain.restingOn(List.of(new Precondition("Tables", "14 <tables>", tables)));
    assertNotEquals(plain.prompt().digest(), verdict.prompt().digest());
    assertEquals(verdict.prompt().digest(), open(verdict).promptDigest());

    Browser alice = signedIn("alice");
    String page = alice.get(path(verdict)).body();
    for (String shown :
        List.of("How things stood when you were asked", "Tables", "14 &lt;tables&gt;")) {
      assertTrue(page.contains(shown), shown + " in " + page);
    }
    Map<String, String> form = Browser.form(page, "approve");
    form.put(Browser.labelled(page, "Amount"), "EUR 48200.00");
    assertEquals(200, alice.post(path(verdict), form).statusCode());

    JsonNode details = verified(decision(verdict).grant()).path("authorization_details").path(0);
    assertEquals(
        EventJson.tree(List.of(Map.of("label", "Tables", "fingerprint", tables.value()))),
        details.path("preconditions"));
    assertTrue(details.path("tool_digest").isMissingNode(), "its tool is not listed");
  }

  @Test
  void whatIsDeniedOrRefusedIsDecidedAtOnceAndSaysWhy() {
    ActionId denied = Verdicts.id();
    ActionId refused = Verdicts.id();
    wire.publish(Verdicts.denied(denied));
    wire.publish(Verdicts.refused(refused));

    Decision no = decision(denied);
    assertEquals(Decision.Outcome.DENIED, no.outcome());
    assertEquals("blocked-country", reasonCode(no));
    assertEquals(Decision.Outcome.REFUSED, decision(refused).outcome());
    assertEquals("too-deep", reasonCode(decision(refused)));
  }

  @Test
  void anApproverApprovesWithAMailedCode() throws Exception {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 1);
    TicketOpened opened = open(verdict);
    assertEquals(List.of("alice", "bob", "carol"), opened.approvers());
    assertEquals(verdict.prompt().digest(), opened.promptDigest());
    assertEquals("Wire transfer", opened.card().title());
    assertNotNull(opened.card().shortCode());
    assertEquals(Duration.ofHours(1), Duration.between(opened.at(), opened.expiresAt()));
    assertTrue(opened.link().toString().endsWith(path(verdict)));

    Browser alice = browser();
    String path = path(verdict);
    String page = alice.signIn(mails, "alice@acme.example", path).body();
    for (String shown :
        List.of(
            "Send EUR 48200.00",
            "ACME GmbH",
            "cannot be called back",
            "DE89 3704 0044 0532 0130 00",
            "Irreversible",
            "two people of finance agree",
            "due today",
            "none declared",
            "DE89370400440532013000",
            opened.card().shortCode())) {
      assertTrue(page.contains(shown), shown);
    }
    Map<String, String> form = Browser.form(page, "approve");
    assertEquals(400, alice.post(path, form).statusCode(), "nothing was typed");
    form.put(Browser.labelled(page, "Amount"), "EUR  48200.00 ");
    HttpResponse<String> after = alice.post(path, form);
    assertEquals(200, after.statusCode());
    assertTrue(after.body().contains("Approved by Alice Berger"), after.body());

    VoteRecorded vote =
        wire.events(VoteRecorded.class, verdict.actionId(), Topics.VOTE_RECORDED, 1).getFirst();
    assertEquals(
        List.of("alice", Answer.APPROVE, Assurance.CODE, 1, 1),
        List.of(
            vote.approver(), vote.answer(), vote.assurance(), vote.votesSoFar(), vote.quorum()));
    Decision decision = decision(verdict);
    assertEquals(Decision.Outcome.APPROVED, decision.outcome());
    assertEquals(Decision.Basis.VOTES, decision.basis());
    JsonNode approval = verified(decision.grant()).path("approvals").path(0);
    assertEquals("alice", approval.path("approver").textValue());
    assertEquals("code", approval.path("assurance").textValue());
    assertEquals(vote.at(), Instant.parse(approval.path("at").textValue()));
    TicketSeen seen =
        wire.events(TicketSeen.class, verdict.actionId(), Topics.TICKET_SEEN, 1).getFirst();
    assertEquals("alice", seen.approver());

    // Everybody who looks afterwards, or answers too late, learns the same.
    Browser bob = signedIn("bob");
    assertTrue(bob.get(path).body().contains("Approved by Alice Berger"));
    assertEquals(409, alice.post(path, form).statusCode());
    assertEquals(1, wire.about(verdict.actionId(), Topics.DECISION, 1).size());
  }

  @Test
  void aRejectionNeedsNothingTypedAndItsReasonReachesTheAgent() {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 2);
    open(verdict);
    Browser bob = signedIn("bob");
    Map<String, String> form = Browser.form(bob.get(path(verdict)).body(), "reject");
    form.put("reason", "Pay it in December.");
    assertTrue(bob.post(path(verdict), form).body().contains("Rejected by Bob Okafor"));

    Decision decision = decision(verdict);
    assertEquals(Decision.Outcome.REJECTED, decision.outcome());
    assertEquals("Pay it in December.", reason(decision));
    assertEquals(null, decision.grant());
  }

  @Test
  void whoApprovedAPartOfAQuorumCanStillReject() {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 2);
    open(verdict);
    Browser alice = signedIn("alice");
    String before = alice.get(path(verdict)).body();

    String after = alice.post(path(verdict), approve(before)).body();
    assertTrue(after.contains("It waits for the others; you can still reject."), after);
    assertFalse(after.contains("value=\"approve\""), after);
    assertFalse(after.contains("To approve, type"), after);

    Map<String, String> no = Browser.form(after, "reject");
    no.put(Browser.labelled(after, "If you reject"), "Wrong account.");
    HttpResponse<String> rejected = alice.post(path(verdict), no);
    assertTrue(rejected.body().contains("Rejected by Alice Berger"), rejected.body());
    assertTrue(rejected.body().contains("0 of 2 approvals"), rejected.body());
    Decision decision = decision(verdict);
    assertEquals(Decision.Outcome.REJECTED, decision.outcome());
    assertEquals("Wrong account.", reason(decision));
    List<VoteRecorded> votes =
        wire.events(VoteRecorded.class, verdict.actionId(), Topics.VOTE_RECORDED, 2);
    assertEquals(
        List.of(Answer.APPROVE, Answer.REJECT), votes.stream().map(VoteRecorded::answer).toList());
    assertEquals(List.of(1, 0), votes.stream().map(VoteRecorded::votesSoFar).toList());
  }

  @Test
  void twoPeopleFillAQuorumOfTwoAndOnePersonDoesNot() {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 2);
    open(verdict);
    Browser alice = signedIn("alice");
    String before = alice.get(path(verdict)).body();
    Browser bob = signedIn("bob");
    String bobsBefore = bob.get(path(verdict)).body();

    HttpResponse<String> first = alice.post(path(verdict), approve(before));
    assertTrue(first.body().contains("1 of 2 approvals"), first.body());
    assertEquals(200, alice.post(path(verdict), approve(before)).statusCode(), "counted already");
    assertEquals(1, wire.about(verdict.actionId(), Topics.VOTE_RECORDED, 1).size());

    // Bob's form shows the ticket as it was before Alice answered.
    HttpResponse<String> stale = bob.post(path(verdict), approve(bobsBefore));
    assertEquals(409, stale.statusCode());
    assertTrue(stale.body().contains("has changed since you opened it"));
    assertEquals(200, bob.post(path(verdict), approve(stale.body())).statusCode());
    Decision decision = decision(verdict);
    assertEquals(Decision.Outcome.APPROVED, decision.outcome());
    assertEquals("Approved by alice and bob.", reason(decision));
    assertEquals(2, wire.about(verdict.actionId(), Topics.VOTE_RECORDED, 2).size());
  }

  @Test
  void thePageCountsSeatsAndSaysWhichAreEmpty() {
    Verdict.ApprovalRequired verdict =
        Verdicts.required(
            Verdicts.id(),
            Verdicts.BOT,
            "48200.00",
            Verdicts.requirement(
                Assurance.CODE,
                Duration.ofHours(1),
                Verdicts.seats(1, "finance"),
                Verdicts.seats(1, "platform")));
    open(verdict);
    Browser alice = signedIn("alice");
    String none = alice.get(path(verdict)).body();
    assertTrue(none.contains("0 of 2 approvals"), none);
    assertTrue(none.contains("Still to come from: finance, platform"), none);
    assertEquals(200, alice.post(path(verdict), approve(none)).statusCode());
    Browser carol = signedIn("carol");
    String after = carol.post(path(verdict), approve(carol.get(path(verdict)).body())).body();
    assertTrue(after.contains("Carol Lindqvist</strong> approved"), after);
    assertTrue(after.contains("1 of 2 approvals"), "both take the one seat of finance: " + after);
    assertTrue(after.contains("Still to come from: platform"), after);
    Browser dave = signedIn("dave");
    String approved = dave.post(path(verdict), approve(dave.get(path(verdict)).body())).body();
    assertTrue(approved.contains("2 of 2 approvals"), approved);
    assertFalse(approved.contains("Still to come"), approved);
  }

  @Test
  void whatHasVotesEnoughSinceSomebodyCameBackIsDecidedThoughNobodyVotesAnyMore() {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 2);
    open(verdict);
    Browser alice = signedIn("alice");
    assertEquals(
        200, alice.post(path(verdict), approve(alice.get(path(verdict)).body())).statusCode());
    // Bob voted too, at a time at which Alice stood in no group; so it was not decided then.
    sql(
        "insert into vote (action_id, approver, answer, assurance, at, attestation, credential)"
            + " select action_id, 'bob', answer, assurance, clock_timestamp(), attestation,"
            + " credential from vote where action_id = ?",
        verdict.actionId().value());

    Decision decision = decision(verdict);
    assertEquals(Decision.Outcome.APPROVED, decision.outcome());
    assertEquals("Approved by alice and bob.", reason(decision));
    assertEquals(2, decision.attestations().size());
    assertNotNull(decision.grant());
    assertEquals(1, wire.about(verdict.actionId(), Topics.VOTE_RECORDED, 1).size(), "no new vote");
  }

  @Test
  void anotherSiteSignsNobodyOut() {
    Browser alice = signedIn("alice");
    String token = Browser.token(alice.get("/").body());
    HttpResponse<String> elsewhere =
        alice.post("/sign-out", Map.of("token", token), "Sec-Fetch-Site", "cross-site");
    assertEquals(403, elsewhere.statusCode());
    assertTrue(elsewhere.headers().allValues("set-cookie").isEmpty(), "the cookie stays too");
    assertEquals(403, alice.post("/sign-out", Map.of("token", "forged")).statusCode());
    assertEquals(token, Browser.token(alice.get("/").body()), "she is signed in still");

    assertEquals(200, alice.post("/sign-out", Map.of("token", token)).statusCode());
    assertTrue(alice.get("/").body().contains("name=\"address\""), "she has to sign in again");
  }

  @Test
  void noOneVotesOnTheirOwnRequest() {
    for (Agent agent :
        List.of(
            new Agent("bot", null, null, " ALICE@acme.example "),
            new Agent("bot", null, null, null, "Alice"),
            new Agent("alice", null, null, null))) {
      Verdict.ApprovalRequired verdict =
          required(Verdicts.id(), agent, "48200.00", Verdicts.financeWithinTheHour(1));
      assertEquals(List.of("bob", "carol"), open(verdict).approvers());
      Browser alice = signedIn("alice");
      String page = alice.get(path(verdict)).body();
      assertTrue(page.contains("Somebody else must answer it"), page);
      Browser bob = signedIn("bob");
      Map<String, String> bobs = approve(bob.get(path(verdict)).body());
      Map<String, String> forged = new HashMap<>(bobs);
      forged.put("token", Browser.token(page));
      HttpResponse<String> answer = alice.post(path(verdict), forged);
      assertEquals(403, answer.statusCode());
      assertTrue(answer.body().contains("somebody else must answer it"), answer.body());
      assertPending(bob, verdict.actionId());
    }
  }

  @Test
  void aPolicyThatAsksForAPasskeyIsNotSatisfiedByACode() {
    Verdict.ApprovalRequired verdict =
        required(
            Verdicts.id(),
            Verdicts.BOT,
            "1.00",
            Verdicts.requirement(
                Assurance.PASSKEY, Duration.ofHours(1), Verdicts.seats(1, "finance")));
    open(verdict);
    Browser alice = signedIn("alice");
    String page = alice.get(path(verdict)).body();
    assertTrue(page.contains("needs a passkey"));
    assertEquals(403, alice.post(path(verdict), Browser.form(page, "approve")).statusCode());
    assertPending(alice, verdict.actionId());
  }

  @Test
  void aPolicyThatNobodyCanSatisfyIsRefused() {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 4);
    wire.publish(verdict);
    Decision decision = decision(verdict);
    assertEquals(Decision.Outcome.REFUSED, decision.outcome());
    assertEquals("unsatisfiable", reasonCode(decision));
  }

  @Test
  void whoeverPressesSignedOutReadsThatNothingWasSent() {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 1);
    open(verdict);
    Map<String, String> form = Browser.form(signedIn("alice").get(path(verdict)).body(), "reject");
    HttpResponse<String> answer = browser().post(path(verdict), form);
    assertEquals(401, answer.statusCode());
    assertTrue(answer.body().contains("You had been signed out; nothing was sent."));
    assertFalse(browser().get(path(verdict)).body().contains("You had been signed out"));
  }

  @Test
  void aLinkFollowerThatGetsAndPostsLeavesTheTicketPending() {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 1);
    open(verdict);
    Browser scanner = browser();
    HttpResponse<String> cover = scanner.get(path(verdict));
    assertEquals(200, cover.statusCode());
    assertTrue(cover.body().contains("Wire transfer"));
    assertFalse(cover.body().contains("48200.00"), "the link alone shows nothing sensitive");
    assertEquals(
        401,
        scanner
            .post(
                path(verdict),
                Map.of(
                    "answer",
                    "approve",
                    "version",
                    "0",
                    "shown",
                    verdict.prompt().digest().value(),
                    "typed-2",
                    "EUR 48200.00"))
            .statusCode());
    assertEquals(401, scanner.get("/v1" + path(verdict)).statusCode());
    assertPending(signedIn("alice"), verdict.actionId());
  }

  @Test
  void theLinkAloneTellsHowATicketEndedAndNotWhoEndedIt() {
    Verdict.ApprovalRequired rejected = required(Verdicts.id(), 1);
    Verdict.ApprovalRequired approved = required(Verdicts.id(), 1);
    open(rejected);
    open(approved);
    Browser alice = signedIn("alice");
    String page = alice.get(path(rejected)).body();
    assertEquals(200, alice.post(path(rejected), Browser.form(page, "reject")).statusCode());
    assertEquals(
        200, alice.post(path(approved), approve(alice.get(path(approved)).body())).statusCode());
    assertTrue(alice.get(path(approved)).body().contains("Approved by Alice Berger"));

    Browser anybody = browser();
    String no = anybody.get(path(rejected)).body();
    assertTrue(no.contains("Rejected"), no);
    assertFalse(no.contains("Alice"), no);
    String yes = anybody.get(path(approved)).body();
    assertTrue(yes.contains("Approved"), yes);
    assertFalse(yes.contains("Alice"), yes);
  }

  @Test
  void whoHasNothingToDoWithATicketSeesItsCardAlone() {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 1);
    open(verdict);
    Browser dave = signedIn("dave");
    String page = dave.get(path(verdict)).body();
    HttpResponse<String> answer =
        dave.post(
            path(verdict),
            Map.of(
                "token",
                Browser.token(page),
                "answer",
                "reject",
                "version",
                "0",
                "shown",
                verdict.prompt().digest().value()));
    assertEquals(403, answer.statusCode());
    String json = dave.get("/v1" + path(verdict)).body();
    for (String shown : List.of(page, answer.body(), json)) {
      assertTrue(shown.contains("Wire transfer"), shown);
      assertTrue(shown.contains("You are not among the people who may answer this"), shown);
      for (String hidden : List.of("48200", "DE89", "invoice", "billing-bot")) {
        assertFalse(shown.contains(hidden), shown);
      }
    }
    Verdict.Denied denied = Verdicts.denied(Verdicts.id());
    wire.publish(denied);
    String text = reason(decision(denied));
    assertFalse(text.isEmpty());
    assertFalse(dave.get(path(denied)).body().contains(text));
    assertFalse(dave.get("/v1" + path(denied)).body().contains(text), "nor as JSON");
    JsonNode card = EventJson.readTree(json.getBytes(StandardCharsets.UTF_8));
    assertEquals("pending", card.path("state").textValue());
    assertFalse(card.path("mayAnswer").booleanValue());
    Browser alice = signedIn("alice");
    assertTrue(alice.get(path(verdict)).body().contains("48200.00"));
    assertTrue(alice.get("/v1" + path(verdict)).body().contains("48200.00"));
  }

  @Test
  void anAnswerFromAnotherSiteOrWithoutThePagesTokenIsNotTaken() {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 1);
    open(verdict);
    Browser alice = signedIn("alice");
    Map<String, String> form = approve(alice.get(path(verdict)).body());
    assertEquals(
        403, alice.post(path(verdict), form, "Origin", "https://evil.example").statusCode());
    assertEquals(403, alice.post(path(verdict), form, "Sec-Fetch-Site", "cross-site").statusCode());
    assertEquals(403, alice.post(path(verdict), form, "Origin", "null").statusCode());
    form.put("token", "x".repeat(43));
    assertEquals(403, alice.post(path(verdict), form).statusCode());
    assertPending(alice, verdict.actionId());
  }

  @Test
  void aCodeWorksFiveTriesOnlyInItsBrowserAndOnce() {
    Browser alice = browser();
    mails.clear();
    alice.post("/sign-in", Map.of("address", "alice@acme.example"));
    String code = mails.code("alice@acme.example");
    assertEquals(403, browser().post("/sign-in/code", Map.of("code", code)).statusCode());
    String wrong = code.startsWith("0") ? "10000000" : "00000000";
    for (int left = 4; left > 0; left--) {
      HttpResponse<String> page = alice.post("/sign-in/code", Map.of("code", wrong));
      assertEquals(401, page.statusCode());
      assertTrue(page.body().contains(left == 1 ? "One try is left" : left + " tries are left"));
    }
    assertTrue(
        alice.post("/sign-in/code", Map.of("code", wrong)).body().contains("no longer good"));
    assertEquals(401, alice.post("/sign-in/code", Map.of("code", code)).statusCode());

    alice.signIn(mails, "alice@acme.example", "/");
    assertTrue(alice.get("/").body().contains("Waiting for you"));
  }

  /// Without a browser, which forgets what its code was for.
  @Test
  void aCodeSignsInOnceAndForTenMinutes() {
    SignIn.Asking.Sent asked = ask();
    String code = mails.code(address("bob"));
    assertInstanceOf(SignIn.Entering.Entered.class, enter(asked, code));
    assertInstanceOf(SignIn.Entering.Gone.class, enter(asked, code), "a second time");

    SignIn.Asking.Sent late = ask();
    String old = mails.code(address("bob"));
    sql("update sign_in set asked_at = asked_at - interval '601 seconds' where approver = 'bob'");
    assertInstanceOf(SignIn.Entering.Gone.class, enter(late, old));
  }

  private SignIn.Asking.Sent ask() {
    mails.clear();
    return assertInstanceOf(
        SignIn.Asking.Sent.class,
        signIn.ask(address("bob"), "127.0.0.1").await().atMost(Duration.ofSeconds(30)));
  }

  private SignIn.Entering enter(SignIn.Asking.Sent asked, String code) {
    return signIn.enter(asked.browser(), code).await().atMost(Duration.ofSeconds(30));
  }

  @Test
  void aSessionIsOverAfterEightHoursOrFifteenMinutesWithoutASign() {
    for (String over :
        List.of(
            "signed_in_at = signed_in_at - interval '8 hours'",
            "last_seen_at = last_seen_at - interval '15 minutes'")) {
      Browser carol = signedIn("carol");
      assertTrue(carol.get("/").body().contains("Waiting for you"));
      sql("update session set " + over + " where approver = 'carol'");
      assertTrue(carol.get("/").body().contains("name=\"address\""), over);
    }
  }

  @AfterEach
  void theMailServerAnswersAgain() throws Exception {
    mails.line().up();
  }

  @Test
  void aMailServerThatHangsKeepsNobodyOutOnceItAnswers() throws Exception {
    // Whoever was connected has to be greeted anew.
    mails.line().turns(SmtpLine.Mood.NO_GREETING);
    mails.line().hangUp();
    for (int i = 0; i < MailServer.PLACES; i++) {
      browser().post("/sign-in", Map.of("address", "bob@acme.example"));
    }
    mails.line().awaitHeld(MailServer.PLACES);
    mails.line().up();

    Browser alice = signedIn("alice");
    assertTrue(alice.get("/").body().contains("Waiting for you"));
    mails.line().awaitHeld(0);
  }

  @Test
  void whetherAnAddressBelongsToAnApproverDoesNotShow() {
    mails.clear();
    HttpResponse<String> known = browser().post("/sign-in", Map.of("address", "bob@acme.example"));
    mails.code("bob@acme.example");
    Browser stranger = browser();
    HttpResponse<String> unknown = stranger.post("/sign-in", Map.of("address", "zoe@acme.example"));
    assertEquals(known.statusCode(), unknown.statusCode());
    assertEquals(known.body(), unknown.body());
    assertTrue(
        stranger
            .post("/sign-in/code", Map.of("code", "00000000"))
            .body()
            .contains("4 tries are left"));
    assertEquals(0, mails.count());
  }

  @Test
  void timePassingIsNeverAnApproval() {
    Verdict.ApprovalRequired verdict =
        required(
            Verdicts.id(),
            Verdicts.BOT,
            "1.00",
            Verdicts.requirement(
                Assurance.CODE, Duration.ofSeconds(1), Verdicts.seats(1, "finance")));
    TicketOpened opened = open(verdict);
    ConsumerRecord<byte[], byte[]> record =
        wire.about(verdict.actionId(), Topics.EXPIRED, 1).getFirst();
    Expired expired = EventJson.read(record.value(), Expired.class);
    assertEquals("deadline-passed", expired.reason().code());
    assertFalse(expired.at().isBefore(opened.expiresAt()));
    assertTrue(
        Duration.between(opened.expiresAt(), expired.at()).compareTo(Duration.ofSeconds(20)) < 0,
        "the task sleeps until the deadline, not until its next look");
    assertEquals(Wire.TRACE, Wire.header(record, "traceparent"));
  }

  @Test
  void theProposerTakesItBack() {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 1);
    open(verdict);
    wire.publish(cancel(verdict.actionId()));
    Decision decision = decision(verdict);
    assertEquals(Decision.Outcome.CANCELLED, decision.outcome());
    assertEquals("No longer needed.", reason(decision));
  }

  @Test
  void aCancellationThatComesBeforeTheVerdictIsRemembered() {
    ActionId required = Verdicts.id();
    ActionId allowed = Verdicts.id();
    ActionId marker = Verdicts.id();
    open(required(marker, 1));
    wire.publish(cancel(required));
    wire.publish(cancel(allowed));
    // The same listener, in order: once this one is answered, the others are remembered.
    wire.publish(cancel(marker));
    decision(marker);
    wire.publish(required(required, 1));
    wire.publish(Verdicts.allowed(allowed, "1.00"));
    for (ActionId each : List.of(required, allowed)) {
      Decision decision = decision(each);
      assertEquals(Decision.Outcome.CANCELLED, decision.outcome());
      assertEquals(null, decision.grant());
    }
  }

  @Test
  void aCancellationAfterTheAnswerChangesNothing() {
    ActionId id = Verdicts.id();
    wire.publish(Verdicts.allowed(id, "1.00"));
    decision(id);
    ActionId marker = Verdicts.id();
    open(required(marker, 1));
    wire.publish(cancel(id));
    wire.publish(cancel(marker));
    decision(marker);
    assertEquals(1, wire.about(id, Topics.DECISION, 1).size());
  }

  @Test
  void sameIdSameDigestIsNothingNewAndAnotherDigestIsAConflict() {
    ActionId id = Verdicts.id();
    wire.publish(Verdicts.allowed(id, "1.00"));
    decision(id);
    wire.publish(Verdicts.allowed(id, "1.00"));
    wire.publish(Verdicts.allowed(id, "1.01"));
    ConsumerRecord<byte[], byte[]> letter = wire.about(id, Topics.DEAD_LETTER, 1).getFirst();
    assertEquals("conflict", Wire.header(letter, "dl_reason"));
    assertEquals(1, wire.about(id, Topics.DECISION, 1).size());
    assertEquals(1, wire.about(id, Topics.DEAD_LETTER, 1).size());
  }

  @Test
  void aDigestThatIsNotTheActionsIsPutAside() {
    ActionId id = Verdicts.id();
    Verdict.Allowed other = Verdicts.allowed(id, "1.00");
    wire.publish(
        new Verdict.Allowed(
            id,
            other.at(),
            Verdicts.action(Verdicts.BOT, "1.01"),
            other.actionDigest(),
            other.facts(),
            other.rules(),
            other.policyVersion()));
    assertEquals(
        "digest", Wire.header(wire.about(id, Topics.DEAD_LETTER, 1).getFirst(), "dl_reason"));
  }

  @Test
  void aVoteOnTheTopicIsNotTrusted() {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 1);
    TicketOpened opened = open(verdict);
    wire.publish(
        new VoteSubmitted(
            verdict.actionId(),
            opened.at(),
            "alice",
            "slack",
            Answer.APPROVE,
            EventJson.tree(Map.of("signature", "v0=00"))));
    assertEquals(
        "channel-not-enabled",
        Wire.header(wire.about(verdict.actionId(), Topics.DEAD_LETTER, 1).getFirst(), "dl_reason"));
    assertPending(signedIn("alice"), verdict.actionId());
  }

  @Test
  void theAgentsTextCannotSpoofThePage() {
    Verdict.ApprovalRequired verdict =
        required(
            Verdicts.id(),
            Verdicts.BOT,
            "1.00",
            Verdicts.financeWithinTheHour(1),
            new Intent(
                "<script>alert(1)</script></section><h1>Approved</h1>",
                "pay \u202E0002\u202C to \u200Badmin\u0000",
                "p\u0430ypal",
                null,
                null));
    open(verdict);
    Browser alice = signedIn("alice");
    HttpResponse<String> page = alice.get(path(verdict));
    String body = page.body();
    assertFalse(body.contains("<script>"), body);
    assertFalse(body.contains("<h1>Approved"), body);
    for (String hidden : List.of("\u202E", "\u202C", "\u200B", "\u0000")) {
      assertFalse(body.contains(hidden));
      assertTrue(body.contains("U+%04X".formatted(hidden.codePointAt(0))), body);
    }
    assertTrue(body.contains("(mixed alphabets)"), body);
    assertEquals("no-store", page.headers().firstValue("Cache-Control").orElse(""));
    assertEquals("no-referrer", page.headers().firstValue("Referrer-Policy").orElse(""));
    assertTrue(
        page.headers()
            .firstValue("Content-Security-Policy")
            .orElse("")
            .startsWith("default-src 'none';"));
  }

  @Test
  void theInboxListsWhatWaitsForThisPerson() {
    Verdict.ApprovalRequired verdict = required(Verdicts.id(), 1);
    open(verdict);
    Browser bob = signedIn("bob");
    assertTrue(bob.get("/").body().contains(verdict.actionId().toString()));
    assertTrue(bob.get("/v1/tickets").body().contains(verdict.actionId().toString()));
    Browser dave = signedIn("dave");
    assertFalse(dave.get("/").body().contains(verdict.actionId().toString()));
    assertEquals(200, browser().get("/").statusCode());
    assertEquals(404, bob.get("/tickets/" + Verdicts.id()).statusCode());
    assertEquals(404, bob.get("/v1/tickets/" + Verdicts.id()).statusCode());
  }

  private static String reasonCode(Decision decision) {
    return decision.reason() == null ? "" : decision.reason().code();
  }

  private static ActionCancelled cancel(ActionId id) {
    return new ActionCancelled(id, null, "billing-bot", "No longer needed.");
  }

  private static Map<String, String> approve(String page) {
    Map<String, String> form = Browser.form(page, "approve");
    form.put(Browser.labelled(page, "Amount"), "EUR 48200.00");
    return form;
  }

  /// The claims of a grant, verified by the JDK with the published key.
  private JsonNode verified(@Nullable String grant) throws Exception {
    String[] parts = String.valueOf(grant).split("\\.", -1);
    JsonNode header = json(parts[0]);
    assertEquals("EdDSA", header.path("alg").textValue());
    assertEquals("countersign-grant+jwt", header.path("typ").textValue());
    JsonNode keys = json(browser().get("/.well-known/jwks.json"));
    JsonNode key =
        keys.path("keys")
            .valueStream()
            .filter(each -> each.path("kid").equals(header.path("kid")))
            .findFirst()
            .orElseThrow();
    assertEquals("grant", key.path("role").textValue());
    assertFalse(key.has("d"), "the private key is private");
    Signature signature = Signature.getInstance("Ed25519");
    signature.initVerify(publicKey(Base64.getUrlDecoder().decode(key.path("x").textValue())));
    signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
    assertTrue(signature.verify(Base64.getUrlDecoder().decode(parts[2])));
    return json(parts[1]);
  }

  private static JsonNode json(String base64) {
    return EventJson.readTree(Base64.getUrlDecoder().decode(base64));
  }

  /// RFC 8032 §5.1.5: y little-endian, the highest bit is that of x.
  private static PublicKey publicKey(byte[] raw) throws Exception {
    byte[] y = raw.clone();
    boolean odd = (y[31] & 0x80) != 0;
    y[31] &= 0x7F;
    for (int i = 0; i < 16; i++) {
      byte swap = y[i];
      y[i] = y[31 - i];
      y[31 - i] = swap;
    }
    return KeyFactory.getInstance("Ed25519")
        .generatePublic(
            new EdECPublicKeySpec(
                NamedParameterSpec.ED25519, new EdECPoint(odd, new BigInteger(1, y))));
  }
}
