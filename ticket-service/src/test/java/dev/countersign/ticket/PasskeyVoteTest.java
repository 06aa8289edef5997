package dev.countersign.ticket;

import static dev.countersign.ticket.Verdicts.required;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.Assurance;
import dev.countersign.events.Decision;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.events.VoteRecorded;
import dev.countersign.launcher.SoftwarePasskey;
import dev.countersign.ticket.application.ChangeEnrolment;
import dev.countersign.ticket.domain.EnrolmentOutcome;
import dev.countersign.ticket.domain.InvitationId;
import dev.countersign.ticket.domain.Party;
import dev.countersign.ticket.domain.PasskeyRefusal;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// Votes by passkey, from the page to the decision.
@QuarkusTest
@SuppressWarnings("NullAway.Init") // injected
class PasskeyVoteTest extends TicketServiceTest {

  private static final Map<PasskeyRefusal, String> SAID =
      Map.of(
          PasskeyRefusal.CEREMONY_OVER, "used before, or took longer",
          PasskeyRefusal.UNREADABLE, "nothing that a passkey gives",
          PasskeyRefusal.NOT_YOURS, "does not count for you",
          PasskeyRefusal.NOT_VERIFIED, "did not check that it is you",
          PasskeyRefusal.COPIED, "went back, as that of a copy",
          PasskeyRefusal.MISMATCH, "is not this answer, from this page");

  @Inject ChangeEnrolment enrolments;

  @Test
  void aPasskeyApprovesWhatAsksForOne() {
    SoftwarePasskey passkey = passkeyOf("alice");
    Verdict.ApprovalRequired verdict = opened();
    Browser alice = signedIn("alice");
    HttpResponse<String> answered = vote(alice, verdict, passkey, "approve", "approve");
    assertEquals(200, answered.statusCode());
    assertTrue(answered.body().contains("Approved by Alice Berger"), answered.body());
    VoteRecorded vote =
        wire.events(VoteRecorded.class, verdict.actionId(), Topics.VOTE_RECORDED, 1).getFirst();
    assertEquals(Assurance.PASSKEY, vote.assurance());
    assertEquals(Decision.Outcome.APPROVED, decision(verdict).outcome());
  }

  @Test
  void aPasskeyRejectsToo() {
    SoftwarePasskey passkey = passkeyOf("alice");
    Verdict.ApprovalRequired verdict = opened();
    assertEquals(200, vote(signedIn("alice"), verdict, passkey, "reject", "reject").statusCode());
    assertEquals(Decision.Outcome.REJECTED, decision(verdict).outcome());
  }

  @Test
  void aRejectionNeedsThePasskeyToo() {
    Verdict.ApprovalRequired verdict = opened();
    Browser bob = signedIn("bob");
    String page = bob.get(path(verdict)).body();
    HttpResponse<String> answer = bob.post(path(verdict), Browser.form(page, "reject"));
    assertEquals(403, answer.statusCode());
    assertTrue(answer.body().contains("This answer needs your passkey"), answer.body());
    assertPending(bob, verdict.actionId());
  }

  @Test
  void anAnswerThatWasFlippedAfterItWasSignedIsRefused() {
    SoftwarePasskey passkey = passkeyOf("alice");
    Verdict.ApprovalRequired verdict = opened();
    Browser alice = signedIn("alice");
    assertRefused(
        PasskeyRefusal.MISMATCH, vote(alice, verdict, passkey, "reject", "approve"), verdict);
    assertRefused(
        PasskeyRefusal.MISMATCH, vote(alice, verdict, passkey, "approve", "reject"), verdict);
  }

  @Test
  void anAssertionIsGoodOnce() {
    SoftwarePasskey passkey = passkeyOf("alice");
    Verdict.ApprovalRequired verdict = openedForTwo();
    Browser alice = signedIn("alice");
    Map<String, String> form = form(alice, verdict, "approve");
    sign(alice, path(verdict), form, passkey);
    assertEquals(200, alice.post(path(verdict), form).statusCode());
    HttpResponse<String> again = alice.post(path(verdict), form);
    assertEquals(403, again.statusCode());
    assertTrue(again.body().contains(SAID.get(PasskeyRefusal.CEREMONY_OVER)), again.body());
  }

  @Test
  void aCeremonyIsUsedUpEvenByWhatFails() {
    SoftwarePasskey passkey = passkeyOf("alice");
    Verdict.ApprovalRequired verdict = opened();
    Browser alice = signedIn("alice");
    Map<String, String> form = form(alice, verdict, "approve");
    sign(alice, path(verdict), form, passkey);
    Map<String, String> nonsense = new LinkedHashMap<>(form);
    nonsense.put("assertion", "{}");
    assertRefused(PasskeyRefusal.UNREADABLE, alice.post(path(verdict), nonsense), verdict);
    assertRefused(PasskeyRefusal.CEREMONY_OVER, alice.post(path(verdict), form), verdict);
  }

  @Test
  void aCeremonyLastsFiveMinutes() {
    SoftwarePasskey passkey = passkeyOf("alice");
    Verdict.ApprovalRequired verdict = opened();
    Browser alice = signedIn("alice");
    Map<String, String> form = form(alice, verdict, "approve");
    sign(alice, path(verdict), form, passkey);
    sql("update ceremony set began_at = began_at - interval '301 seconds'");
    assertRefused(PasskeyRefusal.CEREMONY_OVER, alice.post(path(verdict), form), verdict);
  }

  @Test
  void whatWasSignedForAnotherTicketIsRefused() {
    SoftwarePasskey passkey = passkeyOf("alice");
    Verdict.ApprovalRequired one = opened();
    Verdict.ApprovalRequired other = opened();
    Browser alice = signedIn("alice");
    Map<String, String> form = form(alice, one, "approve");
    sign(alice, path(one), form, passkey);
    Map<String, String> elsewhere = form(alice, other, "approve");
    elsewhere.put("ceremony", form.get("ceremony"));
    elsewhere.put("assertion", form.get("assertion"));
    assertRefused(PasskeyRefusal.MISMATCH, alice.post(path(other), elsewhere), other);
  }

  @Test
  void anAssertionUnderAnotherCeremonyIsRefused() {
    SoftwarePasskey passkey = passkeyOf("alice");
    Verdict.ApprovalRequired verdict = opened();
    Browser alice = signedIn("alice");
    Map<String, String> form = form(alice, verdict, "approve");
    sign(alice, path(verdict), form, passkey);
    String first = form.get("assertion");
    sign(alice, path(verdict), form, passkey);
    form.put("assertion", first);
    assertRefused(PasskeyRefusal.MISMATCH, alice.post(path(verdict), form), verdict);
  }

  @Test
  void anAssertionWithoutUserVerificationVotesNothing() {
    assertRefused(PasskeyRefusal.NOT_VERIFIED, SoftwarePasskey::unverified);
  }

  @Test
  void anAssertionFromAnotherOriginVotesNothing() {
    assertRefused(
        PasskeyRefusal.MISMATCH, it -> it.at(URI.create("https://countersign.evil.example")));
  }

  @Test
  void anAssertionForAnotherRelyingPartyVotesNothing() {
    assertRefused(PasskeyRefusal.MISMATCH, it -> it.forRpId("evil.example"));
  }

  @Test
  void aCopyWhoseCounterWentBackVotesNothing() {
    SoftwarePasskey passkey = passkeyOf("alice");
    Verdict.ApprovalRequired verdict = openedForTwo();
    Browser alice = signedIn("alice");
    assertEquals(
        200, vote(alice, verdict, passkey.counting(10), "approve", "approve").statusCode());
    Verdict.ApprovalRequired next = opened();
    assertRefused(
        PasskeyRefusal.COPIED, vote(alice, next, passkey.counting(9), "approve", "approve"), next);
  }

  @Test
  void aRevokedOrUnconfirmedPasskeyVotesNothing() {
    var _ = passkeyOf("alice");
    for (String state : new String[] {"made", "revoked"}) {
      SoftwarePasskey passkey = Enrolled.on(webAuthn, database, origin, "alice", state);
      Verdict.ApprovalRequired verdict = opened();
      assertRefused(
          PasskeyRefusal.NOT_YOURS,
          vote(signedIn("alice"), verdict, passkey, "approve", "approve"),
          verdict);
    }
  }

  @Test
  void aPasskeyRevokedWhileItSignsVotesNothing() {
    SoftwarePasskey passkey = passkeyOf("alice");
    Verdict.ApprovalRequired verdict = opened();
    Browser alice = signedIn("alice");
    Map<String, String> form = form(alice, verdict, "approve");
    sign(alice, path(verdict), form, passkey);
    markRevoked(passkey);
    assertRefused(PasskeyRefusal.NOT_YOURS, alice.post(path(verdict), form), verdict);
  }

  @Test
  void aVoteWhosePasskeyIsRevokedAfterwardsCountsNoMoreAndMayBeGivenAnewWithAnother() {
    SoftwarePasskey lost = passkeyOf("alice");
    Verdict.ApprovalRequired verdict = openedForTwo();
    Verdict.ApprovalRequired done = opened();
    Browser alice = signedIn("alice");
    assertEquals(200, vote(alice, verdict, lost, "approve", "approve").statusCode());
    assertEquals(200, vote(alice, done, lost, "approve", "approve").statusCode());
    assertEquals(Decision.Outcome.APPROVED, decision(done).outcome());
    assertFalse(alice.get("/").body().contains(path(verdict)), "she has answered it");
    Browser bob = signedIn("bob");
    SoftwarePasskey his = passkeyOf("bob");
    Map<String, String> ofBefore = form(bob, verdict, "approve");

    revoke(lost);

    String page = bob.get(path(verdict)).body();
    assertTrue(page.contains("0 of 2"), page);
    assertTrue(page.contains("This vote counts no more: its passkey was revoked"), page);
    assertTrue(
        page.contains("The vote of Alice Berger counts no more: the passkey it was given with"),
        page);
    HttpResponse<String> stale = bob.post(path(verdict) + "/challenge", ofBefore);
    assertEquals("stale", code(stale), "he looked at one of two");
    assertEquals(200, vote(bob, verdict, his, "approve", "approve").statusCode());
    assertEquals(
        List.of(1, 1),
        wire.events(VoteRecorded.class, verdict.actionId(), Topics.VOTE_RECORDED, 2).stream()
            .map(VoteRecorded::votesSoFar)
            .toList());
    assertUndecided(verdict.actionId());

    assertTrue(alice.get("/").body().contains(path(verdict)), "she may answer it again");
    assertEquals(200, vote(alice, verdict, passkeyOf("alice"), "approve", "approve").statusCode());
    Decision approved = decision(verdict);
    assertEquals(Decision.Outcome.APPROVED, approved.outcome());
    assertEquals(2, approved.attestations().size());
    // What was answered before stays answered, and its votes are what it was answered by.
    assertFalse(bob.get(path(done)).body().contains("counts no more"));
    assertEquals(Decision.Outcome.APPROVED, decision(done).outcome());
  }

  @Test
  void aVoteAndARevocationInTheSameMomentHaveOneOrder() throws Exception {
    for (int round = 0; round < 5; round++) {
      SoftwarePasskey hers = passkeyOf("alice");
      Verdict.ApprovalRequired verdict = openedForTwo();
      Browser alice = signedIn("alice");
      Map<String, String> form = form(alice, verdict, "approve");
      sign(alice, path(verdict), form, hers);
      CountDownLatch go = new CountDownLatch(1);
      try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
        Future<HttpResponse<String>> vote =
            pool.submit(() -> {
              go.await();
              return alice.post(path(verdict), form);
            });
        go.countDown();
        revoke(hers);
        HttpResponse<String> answer = vote.get();
        boolean before = answer.statusCode() == 200;
        if (!before) {
          assertEquals(403, answer.statusCode(), answer.body());
          // Before its signature is checked, or between that and the row.
          assertTrue(
              answer.body().contains(SAID.get(PasskeyRefusal.NOT_YOURS))
                  || answer.body().contains("was revoked, so it answers nothing"),
              answer.body());
        }
        assertEquals(
            before ? 1 : 0,
            number("select count(*) from vote where action_id = ?", verdict.actionId().value()));
      }
      // Whichever came first, it does not count now.
      Browser bob = signedIn("bob");
      assertEquals(200, vote(bob, verdict, passkeyOf("bob"), "approve", "approve").statusCode());
      assertUndecided(verdict.actionId());
    }
  }

  @Test
  void whatOnlyTheSessionOfAPasskeyVouchesForEndsWithThatPasskey() {
    SoftwarePasskey lost = passkeyOf("alice");
    Browser thief = signedIn(lost);
    Browser alice = signedIn("alice");
    Verdict.ApprovalRequired stolen = openedForTwoByCode();
    Verdict.ApprovalRequired hers = openedForTwoByCode();
    assertEquals(200, thief.post(path(stolen), form(thief, stolen, "approve")).statusCode());
    assertEquals(200, alice.post(path(hers), form(alice, hers, "approve")).statusCode());
    VoteRecorded recorded =
        wire.events(VoteRecorded.class, stolen.actionId(), Topics.VOTE_RECORDED, 1).getFirst();
    assertEquals(Assurance.CODE, recorded.assurance(), "it has signed nothing");

    revoke(lost);

    Browser bob = signedIn("bob");
    String page = bob.get(path(stolen)).body();
    assertTrue(page.contains("0 of 2"), page);
    assertEquals(200, bob.post(path(stolen), form(bob, stolen, "approve")).statusCode());
    assertUndecided(stolen.actionId());
    assertEquals(200, alice.post(path(stolen), form(alice, stolen, "approve")).statusCode());
    assertEquals(Decision.Outcome.APPROVED, decision(stolen).outcome());
    // What she answered by a mailed code is nothing of the passkey's.
    assertEquals(200, bob.post(path(hers), form(bob, hers, "approve")).statusCode());
    assertEquals(Decision.Outcome.APPROVED, decision(hers).outcome());
  }

  @Test
  void aPasskeyThatIsRevokedOnTheWayVouchesForNothingThroughItsSession() throws Exception {
    SoftwarePasskey lost = passkeyOf("alice");
    Browser thief = signedIn(lost);
    Verdict.ApprovalRequired verdict = openedForTwoByCode();
    Map<String, String> form = form(thief, verdict, "approve");
    HttpResponse<String> answer;
    try (Connection revocation = transaction();
        ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      markRevoked(revocation, lost);
      Future<HttpResponse<String>> vote = pool.submit(() -> thief.post(path(verdict), form));
      awaitBlockedBy(revocation, vote::isDone);
      revocation.commit();
      answer = vote.get();
    }
    assertEquals(403, answer.statusCode());
    assertTrue(answer.body().contains("was revoked, so it answers nothing"), answer.body());
    assertPending(signedIn("bob"), verdict.actionId());
  }

  /// As a person does it on the page of the passkeys.
  private void revoke(SoftwarePasskey passkey) {
    String invitation;
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement("select invitation from passkey where credential_id = ?")) {
      select.setString(1, passkey.id());
      try (ResultSet row = select.executeQuery()) {
        assertTrue(row.next());
        invitation = row.getString(1);
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    assertInstanceOf(
        EnrolmentOutcome.Changed.class,
        enrolments
            .revoke(InvitationId.of(invitation), new Party.Operator(), "lost")
            .await()
            .atMost(Duration.ofSeconds(30)));
  }

  @Test
  void somebodyElsesPasskeyVotesNothing() {
    var _ = passkeyOf("alice");
    SoftwarePasskey bobs = passkeyOf("bob");
    Verdict.ApprovalRequired verdict = opened();
    assertRefused(
        PasskeyRefusal.NOT_YOURS,
        vote(signedIn("alice"), verdict, bobs, "approve", "approve"),
        verdict);
  }

  @Test
  void somebodyElsesCeremonyIsNotYours() {
    SoftwarePasskey alices = passkeyOf("alice");
    Verdict.ApprovalRequired verdict = opened();
    Browser alice = signedIn("alice");
    Map<String, String> form = form(alice, verdict, "approve");
    sign(alice, path(verdict), form, alices);
    Browser bob = signedIn("bob");
    Map<String, String> bobs = form(bob, verdict, "approve");
    bobs.put("ceremony", form.get("ceremony"));
    bobs.put("assertion", form.get("assertion"));
    assertRefused(PasskeyRefusal.MISMATCH, bob.post(path(verdict), bobs), verdict);
  }

  @Test
  void whatMustBeTypedIsCheckedWithAPasskeyToo() {
    SoftwarePasskey passkey = passkeyOf("alice");
    Verdict.ApprovalRequired verdict = opened();
    Browser alice = signedIn("alice");
    Map<String, String> form = form(alice, verdict, "approve");
    form.keySet().removeIf(name -> name.startsWith("typed-"));
    sign(alice, path(verdict), form, passkey);
    assertEquals(400, alice.post(path(verdict), form).statusCode());
    assertPending(alice, verdict.actionId());
  }

  @Test
  void whoHasNoPasskeyIsToldWhatToDo() {
    Verdict.ApprovalRequired verdict = opened();
    Browser carol = signedIn("carol");
    String page = carol.get(path(verdict)).body();
    assertTrue(page.contains("Ask an admin to invite you"), page);
    HttpResponse<String> asked =
        carol.post(path(verdict) + "/challenge", Browser.form(page, "approve"));
    assertEquals(403, asked.statusCode());
    assertEquals("no-passkey", code(asked));
  }

  @Test
  void aChallengeIsForThePagesOwnFormOnly() {
    var _ = passkeyOf("alice");
    Verdict.ApprovalRequired verdict = opened();
    Browser alice = signedIn("alice");
    Map<String, String> form = form(alice, verdict, "approve");
    String challenge = path(verdict) + "/challenge";
    assertEquals(200, alice.post(challenge, form).statusCode());
    assertEquals(403, browser().post(challenge, form).statusCode());
    assertEquals(403, alice.post(challenge, form, "Origin", "https://evil.example").statusCode());
    Map<String, String> forged = new LinkedHashMap<>(form);
    forged.put("token", "x");
    assertEquals(403, alice.post(challenge, forged).statusCode());
    assertPending(alice, verdict.actionId());
  }

  @Test
  void nobodyIsAskedToSignInVain() {
    var _ = passkeyOf("alice");
    Verdict.ApprovalRequired verdict = openedForTwo();
    Browser alice = signedIn("alice");
    Map<String, String> form = form(alice, verdict, "approve");
    form.put("version", "7");
    HttpResponse<String> asked = alice.post(path(verdict) + "/challenge", form);
    assertEquals(409, asked.statusCode());
    assertEquals("stale", code(asked));
    assertFalse(asked.body().contains("publicKey"));
  }

  private void assertRefused(PasskeyRefusal refusal, UnaryOperator<SoftwarePasskey> defect) {
    SoftwarePasskey passkey = passkeyOf("alice");
    Verdict.ApprovalRequired verdict = opened();
    assertRefused(
        refusal,
        vote(signedIn("alice"), verdict, defect.apply(passkey), "approve", "approve"),
        verdict);
  }

  private void assertRefused(
      PasskeyRefusal refusal, HttpResponse<String> answer, Verdict.ApprovalRequired verdict) {
    assertEquals(403, answer.statusCode());
    assertTrue(answer.body().contains(SAID.get(refusal)), answer.body());
    assertPending(signedIn("bob"), verdict.actionId());
  }

  private HttpResponse<String> vote(
      Browser browser,
      Verdict.ApprovalRequired verdict,
      SoftwarePasskey passkey,
      String signed,
      String sent) {
    Map<String, String> form = form(browser, verdict, signed);
    sign(browser, path(verdict), form, passkey);
    form.put("answer", sent);
    return browser.post(path(verdict), form);
  }

  private static Map<String, String> form(
      Browser browser, Verdict.ApprovalRequired verdict, String answer) {
    String page = browser.get(path(verdict)).body();
    Map<String, String> form = Browser.form(page, answer);
    if (answer.equals("approve") && page.contains("typed-2")) {
      form.put("typed-2", "EUR 48200.00");
    }
    return form;
  }

  private Verdict.ApprovalRequired opened() {
    return opened(Assurance.PASSKEY, 1);
  }

  private Verdict.ApprovalRequired openedForTwo() {
    return opened(Assurance.PASSKEY, 2);
  }

  private Verdict.ApprovalRequired openedForTwoByCode() {
    return opened(Assurance.CODE, 2);
  }

  private Verdict.ApprovalRequired opened(Assurance assurance, int votes) {
    Verdict.ApprovalRequired verdict =
        required(
            Verdicts.id(),
            Verdicts.BOT,
            "48200.00",
            Verdicts.requirement(assurance, Duration.ofHours(1), Verdicts.seats(votes, "finance")));
    open(verdict);
    return verdict;
  }

  private static String code(HttpResponse<String> problem) {
    return json(problem).path("type").textValue().replaceFirst(".*:", "");
  }
}
