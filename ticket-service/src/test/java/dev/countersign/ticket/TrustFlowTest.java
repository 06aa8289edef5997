package dev.countersign.ticket;

import static dev.countersign.ticket.Verdicts.credit;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Assurance;
import dev.countersign.events.Decision;
import dev.countersign.events.EventJson;
import dev.countersign.events.Requirement;
import dev.countersign.events.StandingPermission;
import dev.countersign.events.Statement;
import dev.countersign.events.Topics;
import dev.countersign.events.Trust;
import dev.countersign.events.TrustTerms;
import dev.countersign.events.Verdict;
import dev.countersign.events.VoteRecorded;
import dev.countersign.launcher.SoftwarePasskey;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Session trust, from the vote that gives it to its end.
@QuarkusTest
class TrustFlowTest extends TicketServiceTest {

  private final Agent agent =
      new Agent("billing-bot", "acme-agents", "run-" + UUID.randomUUID(), null);

  @Test
  void whoeverApprovesMayTrustTheSessionWithinBoundsThatAreNeverOverrun() {
    Browser alice = signedIn("alice");
    ActionId given = trusted(alice, "3", "60", "90");

    Trust granted = trust(given, 1).getFirst();
    assertEquals(Trust.Change.GRANTED, granted.change());
    assertEquals("alice", granted.approver());
    assertEquals(given, granted.trustId());
    assertEquals("90", granted.bounds().sum());
    StandingPermission permission = Objects.requireNonNull(granted.permission());
    assertEquals(agent, permission.agent());
    assertEquals(List.of(new StandingPermission.Same("Customer", "ACME GmbH")), permission.same());

    ActionId first = propose(agent, "payments", "ACME GmbH", "40.00");
    Decision decision = decision(first);
    assertEquals(Decision.Basis.TRUST, decision.basis());
    assertEquals(Decision.Outcome.APPROVED, decision.outcome());
    assertTrue(
        Objects.requireNonNull(decision.reason()).text().contains("alice"), "names who trusts");
    assertTrue(decision.reason().text().contains(given.toString()), "names the vote");
    assertEquals(1, decision.attestations().size());
    assertEquals(decision(given).attestations(), decision.attestations(), "and carries it, signed");
    assertEquals(
        permission.digest(),
        EventJson.read(decision.attestations().getFirst().body(), Statement.class)
            .predicate()
            .trust());
    Trust used = trust(first, 1).getFirst();
    assertEquals(Trust.Change.USED, used.change());
    assertEquals(given, used.trustId());
    assertEquals(new Trust.Used(1, "40.00"), used.used());
    assertEquals(0, wire.about(first, Topics.TICKET_OPENED, 0).size(), "nobody is asked");

    // The same verdict again uses nothing.
    wire.publish(credit(first, agent, "payments", "ACME GmbH", "40.00"));
    assertEquals(
        new Trust.Used(2, "80.00"),
        trust(propose(agent, "payments", "ACME GmbH", "40.00"), 1).getFirst().used());

    // 80 of 90 are used: 40 more would overrun the sum, and a smaller one still fits.
    asks(propose(agent, "payments", "ACME GmbH", "40.00"));
    assertEquals(
        new Trust.Used(3, "90.00"),
        trust(propose(agent, "payments", "ACME GmbH", "10.00"), 1).getFirst().used());
    asks(propose(agent, "payments", "ACME GmbH", "0.00"));

    String page = alice.get("/trust").body();
    assertTrue(page.contains("Used up"), page);
    assertTrue(page.contains("3 of 3"), page);
    assertTrue(page.contains(path(first)), page);
    assertTrue(alice.get(path(first)).body().contains("trust"), "the ticket says by what");
    assertEquals(1, wire.about(first, Topics.DECISION, 1).size());
  }

  @Test
  void aSameNamedToolElsewhereAsksAgain() {
    trusted(signedIn("alice"), "5", "60", "100");
    asks(propose(agent, "other-payments", "ACME GmbH", "1.00"));
    asks(propose(agent, "payments", "Someone Else", "1.00"));
    for (Agent other :
        List.of(
            new Agent(agent.id(), agent.platform(), "run-" + UUID.randomUUID(), null),
            new Agent(agent.id(), "other-platform", agent.session(), null),
            new Agent(agent.id(), agent.platform(), agent.session(), "bob"),
            new Agent(agent.id(), agent.platform(), null, null),
            new Agent("other-bot", agent.platform(), agent.session(), null))) {
      asks(propose(other, "payments", "ACME GmbH", "1.00"));
    }
    assertEquals(
        Decision.Basis.TRUST, decision(propose(agent, "payments", "ACME GmbH", "1.00")).basis());
  }

  @Test
  void twentyAtOnceNeverUseMoreThanWasGiven() {
    trusted(signedIn("alice"), "4", "60", "100");
    List<ActionId> ids = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ids.add(propose(agent, "payments", "ACME GmbH", "1.00"));
    }
    int approved = 0;
    for (ActionId id : ids) {
      int used = 0;
      int asked = 0;
      while (used + asked == 0) {
        used = trust(id, 0).size();
        asked = wire.about(id, Topics.TICKET_OPENED, 0).size();
      }
      assertEquals(1, used + asked);
      approved += used;
    }
    assertEquals(4, approved);
  }

  @Test
  void revokedIsOverAtOnceAndOnlyForThoseWhomItConcerns() {
    Browser alice = signedIn("alice");
    ActionId given = trusted(alice, "5", "60", "100");
    String revoke = "/trust/" + given + "/revoke";

    Browser dave = signedIn("dave");
    String his = dave.get("/trust").body();
    assertFalse(his.contains(given.toString()), "dave is not of finance");
    assertEquals(403, dave.post(revoke, Map.of("token", Browser.token(his))).statusCode());
    assertEquals(403, dave.post(revoke, Map.of("token", "forged")).statusCode());

    Browser bob = signedIn("bob");
    String page = bob.get("/trust").body();
    assertTrue(page.contains(given.toString()), page);
    HttpResponse<String> after = bob.post(revoke, Map.of("token", Browser.token(page)));
    assertEquals(200, after.statusCode());
    assertTrue(after.body().contains("Revoked by Bob Okafor"), after.body());
    Trust revoked = trust(given, 2).getLast();
    assertEquals(Trust.Change.REVOKED, revoked.change());
    assertEquals("bob", revoked.by());
    assertEquals("alice", revoked.approver());

    asks(propose(agent, "payments", "ACME GmbH", "1.00"));
    assertEquals(200, bob.post(revoke, Map.of("token", Browser.token(page))).statusCode());
    assertEquals(2, trust(given, 2).size(), "it is revoked once");
  }

  @Test
  void aPasskeyGivesWhatItSignedAndWhenItIsRevokedThatIsOver() {
    SoftwarePasskey passkey = passkeyOf("alice");
    Browser alice = signedIn("alice");
    ActionId id = asked(Assurance.PASSKEY, "20.00");
    String path = path(id);
    Map<String, String> form = form(alice, path, "3", "60", "100");
    sign(alice, path, form, passkey);
    form.put("trust-calls", "4");
    assertEquals(403, alice.post(path, form).statusCode(), "that is not what was signed");
    assertUndecided(id);

    form = form(alice, path, "3", "60", "100");
    sign(alice, path, form, passkey);
    assertEquals(200, alice.post(path, form).statusCode());
    assertEquals(3, trust(id, 1).getFirst().bounds().calls());
    assertEquals(Decision.Basis.TRUST, decision(proposed(Assurance.PASSKEY, "1.00")).basis());

    markRevoked(passkey);
    asked(Assurance.PASSKEY, "1.00");
    assertTrue(alice.get("/trust").body().contains("Counts no more"));
  }

  @Test
  void whatTheSessionOfAPasskeyTrustedWithIsOverWhenThatIsRevoked() {
    SoftwarePasskey passkey = passkeyOf("alice");
    ActionId given = trusted(signedIn(passkey), "3", "60", "100");
    assertEquals(
        Assurance.CODE,
        wire.events(VoteRecorded.class, given, Topics.VOTE_RECORDED, 1).getFirst().assurance());
    assertEquals(Decision.Basis.TRUST, decision(proposed(Assurance.CODE, "1.00")).basis());

    markRevoked(passkey);
    asked(Assurance.CODE, "1.00");
    assertTrue(signedIn("alice").get("/trust").body().contains("Counts no more"));
  }

  @Test
  void aUseAndTheRevocationOfThePasskeyBehindItComeOneAfterTheOther() throws Exception {
    SoftwarePasskey passkey = passkeyOf("alice");
    Browser alice = signedIn("alice");
    ActionId given = asked(Assurance.PASSKEY, "20.00");
    Map<String, String> form = form(alice, path(given), "3", "60", "100");
    sign(alice, path(given), form, passkey);
    assertEquals(200, alice.post(path(given), form).statusCode());
    trust(given, 1);

    ActionId meanwhile = Verdicts.id();
    try (Connection revocation = transaction()) {
      markRevoked(revocation, passkey);
      wire.publish(credit(meanwhile, agent, "payments", "ACME GmbH", "1.00", Assurance.PASSKEY));
      awaitBlockedBy(revocation, () -> !wire.about(meanwhile, Topics.DECISION, 0).isEmpty());
      revocation.commit();
    }
    asks(meanwhile);
  }

  private ActionId proposed(Assurance assurance, String amount) {
    Verdict.ApprovalRequired verdict =
        credit(Verdicts.id(), agent, "payments", "ACME GmbH", amount, assurance);
    wire.publish(verdict);
    return verdict.actionId();
  }

  private ActionId asked(Assurance assurance, String amount) {
    ActionId id = proposed(assurance, amount);
    asks(id);
    return id;
  }

  @Test
  void moreThanThePolicyPermitsIsNotGivenAndNothingIsAnswered() {
    Browser alice = signedIn("alice");
    ActionId id = propose(agent, "payments", "ACME GmbH", "20.00");
    asks(id);
    String path = path(id);
    Map<String, String> form = form(alice, path, "6", "60", "100");
    HttpResponse<String> answer = alice.post(path, form);
    assertEquals(400, answer.statusCode());
    assertTrue(answer.body().contains("smaller bounds"), answer.body());
    assertUndecided(id);
    form.remove("trust");
    assertEquals(200, alice.post(path, form).statusCode());
    assertEquals(Decision.Basis.VOTES, decision(id).basis());
    assertEquals(0, trust(id, 0).size(), "approved alone");
    asks(propose(agent, "payments", "ACME GmbH", "1.00"));
  }

  @Test
  void aTrustWhoseNumberWasClearedKeepsNobodyFromSayingNo() {
    SoftwarePasskey passkey = passkeyOf("alice");
    Browser alice = signedIn("alice");
    ActionId id = asked(Assurance.PASSKEY, "20.00");
    for (String number : List.of("", "many", "99999999999999999999")) {
      for (Map<String, String> form :
          List.of(
              form(alice, path(id), number, "60", "100"),
              form(alice, path(id), "3", number, "100"))) {
        HttpResponse<String> challenge = alice.post(path(id) + "/challenge", form);
        assertEquals(409, challenge.statusCode(), challenge.body());
        assertTrue(challenge.body().contains("smaller bounds"), challenge.body());
        HttpResponse<String> approved = alice.post(path(id), form);
        assertTrue(approved.body().contains("name=\"trust\" value=\"yes\" checked"), "filled in");
        assertTrue(approved.body().contains("value=\"20.00\""), approved.body());
      }
    }
    assertUndecided(id);

    Map<String, String> form = form(alice, path(id), "", "", "100");
    form.put("answer", "reject");
    sign(alice, path(id), form, passkey);
    assertEquals(200, alice.post(path(id), form).statusCode());
    assertEquals(Decision.Outcome.REJECTED, decision(id).outcome());

    ActionId other = asked(Assurance.CODE, "20.00");
    HttpResponse<String> approved = alice.post(path(other), form(alice, path(other), "", "", ""));
    assertEquals(400, approved.statusCode());
    assertTrue(approved.body().contains("smaller bounds"), approved.body());
    form = form(alice, path(other), "", "", "");
    form.put("answer", "unexpected");
    assertEquals(200, alice.post(path(other), form).statusCode());
    assertEquals(Decision.Outcome.REJECTED, decision(other).outcome());
    assertTrue(alice.get("/attention").body().contains(String.valueOf(agent.session())), "held");
  }

  @Test
  void whatIsPermittedForLessThanAMinuteIsNotOffered() {
    Browser alice = signedIn("alice");
    for (Duration window : List.of(Duration.ofSeconds(59), Duration.ofMinutes(1))) {
      Verdict.ApprovalRequired credit =
          credit(Verdicts.id(), agent, "payments", "ACME GmbH", "20.00");
      Requirement requirement = credit.requirement();
      wire.publish(
          new Verdict.ApprovalRequired(
              credit.actionId(),
              credit.at(),
              credit.action(),
              credit.actionDigest(),
              credit.facts(),
              credit.rules(),
              credit.policyVersion(),
              new Requirement(
                  requirement.quorums(),
                  requirement.assurance(),
                  requirement.deadline(),
                  requirement.channels(),
                  requirement.escalate(),
                  EventJson.tree(new TrustTerms(5, window, "100", "amount", null))),
              credit.prompt(),
              credit.card(),
              null,
              credit.toolDigest()));
      asks(credit.actionId());
      assertEquals(
          window.toMinutes() > 0,
          alice.get(path(credit.actionId())).body().contains("name=\"trust\""),
          window.toString());
    }
  }

  /// Approves a first one, and trusts the session with more for the same customer.
  private ActionId trusted(Browser alice, String calls, String minutes, String sum) {
    ActionId id = propose(agent, "payments", "ACME GmbH", "20.00");
    asks(id);
    String path = path(id);
    HttpResponse<String> answer = alice.post(path, form(alice, path, calls, minutes, sum));
    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals(Decision.Basis.VOTES, decision(id).basis());
    return id;
  }

  private Map<String, String> form(
      Browser alice, String path, String calls, String minutes, String sum) {
    String page = alice.get(path).body();
    Map<String, String> form = new HashMap<>(Browser.form(page, "approve"));
    form.put(Browser.labelled(page, "Amount"), "20.00");
    form.put("trust", "yes");
    form.put("trust-calls", calls);
    form.put("trust-minutes", minutes);
    form.put("trust-sum", sum);
    form.put("trust-same", "0");
    return form;
  }

  private ActionId propose(Agent by, String toolset, String customer, String amount) {
    Verdict.ApprovalRequired verdict = credit(Verdicts.id(), by, toolset, customer, amount);
    wire.publish(verdict);
    return verdict.actionId();
  }

  private void asks(ActionId id) {
    wire.about(id, Topics.TICKET_OPENED, 1);
    assertEquals(0, trust(id, 0).size());
  }

  private List<Trust> trust(ActionId id, int atLeast) {
    return wire.events(Trust.class, id, Topics.TRUST, atLeast);
  }
}
