package dev.countersign.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Agent;
import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.Event;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Expired;
import dev.countersign.events.Reason;
import dev.countersign.events.StandingPermission;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Tool;
import dev.countersign.events.Topics;
import dev.countersign.events.Trust;
import dev.countersign.events.Verdict;
import dev.countersign.verifier.TestLog.Written;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// Whoever may write to a topic against an action's evidence: they spoil nothing that is signed,
/// hide nothing, and have nothing proven that is not.
class ForgedRecordsTest {

  private static final Instant DECIDED = Signed.AT.plusSeconds(1);

  private final Signed alice = new Signed();
  private final DsseEnvelope yes = alice.envelope();
  private final Action action = alice.action;
  private TestLog log = new TestLog();

  private Finding find(List<Written> records) {
    log = new TestLog();
    return Verification.of(EventJson.write(log.written(records, 3)), log.trusted());
  }

  private Finding.Proven proven(List<Written> records) {
    Finding finding = find(records);
    return assertInstanceOf(Finding.Proven.class, finding, finding.sentence());
  }

  private void assertWrong(String part, List<Written> records) {
    Finding finding = find(records);
    assertInstanceOf(Finding.Wrong.class, finding, finding.sentence());
    assertTrue(finding.sentence().contains(part), finding.sentence());
  }

  private static List<Written> written(Event... events) {
    return new ArrayList<>(List.of(events).stream().map(Written::of).toList());
  }

  private ActionProposed proposed(Agent agent) {
    return new ActionProposed(
        Signed.ID, Signed.AT, agent, action.tool(), action.parameters(), null, null, null, null);
  }

  private Decision approved(TestGrant grant) {
    return decision(grant.token(), action, Decision.Basis.VOTES, yes);
  }

  private static Decision decision(
      String grant, Action action, Decision.Basis basis, DsseEnvelope... attestations) {
    return new Decision(
        Signed.ID,
        DECIDED,
        Decision.Outcome.APPROVED,
        basis,
        null,
        action.digest(Signed.ID),
        action,
        grant,
        List.of(attestations));
  }

  private static Decision no(Decision.Outcome outcome) {
    return new Decision(
        Signed.ID,
        DECIDED,
        outcome,
        null,
        new Reason("r", "R."),
        new Signed().actionDigest,
        null,
        null,
        List.of());
  }

  private Execution executed(Digest digest, Instant started) {
    return new Execution(
        Signed.ID,
        started.plusSeconds(1),
        Execution.Status.SUCCEEDED,
        1,
        started,
        started.plusSeconds(1),
        digest,
        null,
        null);
  }

  private Verdict judged() {
    TicketOpened opened = TestEvents.opened(1, Assurance.PASSKEY);
    return new Verdict.ApprovalRequired(
        Signed.ID,
        Signed.AT,
        action,
        alice.actionDigest,
        JsonNodeFactory.instance.objectNode(),
        List.of(),
        Signed.POLICY,
        opened.requirement(),
        Signed.prompt(alice.actionDigest),
        opened.card(),
        null,
        null);
  }

  private TestGrant grant() {
    return new TestGrant(action, DECIDED, yes);
  }

  /// From the proposal to the execution, as the services write it.
  private List<Written> whole() {
    return written(
        proposed(action.agent()),
        judged(),
        TestEvents.opened(1, Assurance.PASSKEY),
        TestEvents.recorded(alice, yes),
        approved(grant()),
        executed(alice.actionDigest, DECIDED.plusSeconds(1)));
  }

  /// At every place in the log.
  private void assertIgnored(String why, Written forged) {
    for (int at = 0; at <= whole().size(); at++) {
      List<Written> records = whole();
      records.add(at, forged);
      Finding.Proven finding = proven(records);
      assertEquals(List.of((long) at), finding.ignored(), finding.sentence());
      assertTrue(finding.sentence().startsWith("Approved at " + DECIDED), finding.sentence());
      assertTrue(
          finding.sentence().contains("Not authenticated, and ignored: entry " + at + ": " + why),
          finding.sentence());
      assertTrue(finding.sentence().contains("holds its 7 entries"), finding.sentence());
    }
  }

  private static Written on(String topic, String value) {
    return new Written(topic, value.getBytes(UTF_8));
  }

  @Test
  void theWholeChainIsProven() {
    Finding.Proven finding = proven(whole());
    assertEquals(List.of(), finding.ignored());
    assertTrue(
        finding.sentence().contains("Permitted by a grant of the ticket service, key grant-key."),
        finding.sentence());
  }

  @Test
  void whatCannotBeReadSpoilsNothing() {
    for (String topic :
        List.of(
            Topics.VOTE_RECORDED,
            Topics.DECISION,
            Topics.TICKET_OPENED,
            Topics.EXECUTION,
            Topics.VERDICT,
            Topics.ACTION_PROPOSED)) {
      assertIgnored("it can't be read", on(topic, "no JSON"));
      assertIgnored("it can't be read", on(topic, "{}"));
      assertIgnored("it can't be read", on(topic, "[]"));
    }
  }

  @Test
  void aVoteThatNobodySignedIsNoVote() {
    assertIgnored("the vote carries no", Written.of(TestEvents.recorded(alice, null)));
    Signed mallory = new Signed();
    mallory.service = Signed.p256();
    assertIgnored(
        "the ticket service's signature is not good",
        Written.of(TestEvents.recorded(mallory, mallory.envelope())));
    mallory.kid = "mallorys";
    assertIgnored("no key mallorys", Written.of(TestEvents.recorded(mallory, mallory.envelope())));
    // Signed, of this action, and said to be another answer.
    alice.answer = Answer.REJECT;
    Written flipped = Written.of(TestEvents.recorded(alice, yes));
    alice.answer = Answer.APPROVE;
    assertIgnored("the attestation is of another vote", flipped);
  }

  @Test
  void aBundleOfWhatNoKeySignedIsNone() {
    DsseEnvelope keyless =
        new DsseEnvelope(
            yes.payloadType(),
            yes.payload(),
            List.of(new DsseEnvelope.Signature(null, yes.signatures().getFirst().sig())));
    List<Written> records = whole();
    records.add(Written.of(TestEvents.recorded(alice, keyless)));
    log = new TestLog();
    ObjectNode file = (ObjectNode) EventJson.tree(log.written(records, 0));
    file.withArray("attestations").add(EventJson.tree(keyless));
    ObjectNode bundle = file.withArray("bundles").path(0).deepCopy();
    file.withArray("bundles").add(bundle.set("dsseEnvelope", EventJson.tree(keyless)));
    Finding finding = Verification.of(EventJson.write(file), log.trusted());
    assertInstanceOf(Finding.Wrong.class, finding, finding.sentence());
    assertTrue(
        finding.sentence().contains("bundle 1: the signature does not say by which key"),
        finding.sentence());
  }

  @Test
  void aDecisionThatNobodySignedIsNone() {
    TestGrant mallorys = grant();
    mallorys.signer = new TestGrant.Signer("grant-key");
    assertIgnored("the token's signature is not good", Written.of(approved(mallorys)));
    for (Decision.Outcome outcome :
        List.of(Decision.Outcome.DENIED, Decision.Outcome.REJECTED, Decision.Outcome.CANCELLED)) {
      assertIgnored("nobody signed that it ended so", Written.of(no(outcome)));
    }
    assertIgnored(
        "nobody signed that it ended so",
        Written.of(new Expired(Signed.ID, DECIDED, new Reason("r", "R."))));
    // A true grant with something else around it.
    assertIgnored(
        "the attestations are not those",
        Written.of(decision(grant().token(), action, Decision.Basis.POLICY)));
    Action other = new Action(action.agent(), new Tool("payments", "refund"), action.parameters());
    assertIgnored(
        "the grant was given for another action",
        Written.of(decision(grant().token(), other, Decision.Basis.VOTES, yes)));
  }

  @Test
  void whoeverAsksForMoreOrLessTakesNothingFromWhatIsSigned() {
    assertIgnored("the policy asked for 9", Written.of(TestEvents.opened(9, Assurance.CODE)));
    assertIgnored(
        "what was proposed is another action",
        Written.of(proposed(new Agent("other-bot", "acme-agents", "run-91c", null))));
    assertIgnored(
        "the policy judged another action",
        Written.of(
            new Verdict.Refused(Signed.ID, Signed.AT, null, new Reason("shape", "Not one."))));
    assertIgnored(
        "what was executed is another action",
        Written.of(executed(Signed.POLICY, DECIDED.plusSeconds(1))));
  }

  /// RFC 8785 §3.2.2: nobody signed a digest of it, since it has none.
  @Test
  void whatHasNoCanonicalFormSpoilsNothing() {
    String proposal = new String(EventJson.write(proposed(action.agent())), UTF_8);
    for (String amount : List.of("9".repeat(400), "1e999", "\"\\ud800\"")) {
      assertIgnored(
          "not canonicalizable",
          on(Topics.ACTION_PROPOSED, proposal.replace("\"48200.00\"", amount)));
    }
    String trust = new String(trusting("run-91c").get(2).value(), UTF_8);
    alice.trust = null;
    assertIgnored("not canonicalizable", on(Topics.TRUST, trust.replace("run-91c", "run-\\ud800")));
    List<Written> records = whole();
    records.set(0, on(Topics.ACTION_PROPOSED, proposal.replace("\"48200.00\"", "1e999")));
    assertWrong("entry 4: not canonicalizable", records);
    // As the services read it: a number is not its text, in a CloudEvent's data either.
    ((ObjectNode) action.parameters()).put("limit", "Infinity");
    Written allowed =
        Written.of(decision(new TestGrant(action, DECIDED).token(), action, Decision.Basis.POLICY));
    String number = new String(structured(allowed, false), UTF_8).replace("\"Infinity\"", "1e999");
    proven(List.of(allowed));
    assertWrong("entry 0: not canonicalizable", List.of(on(Topics.DECISION, number)));
  }

  @Test
  void structuredCloudEventsAreReadAsTheServicesReadThem() {
    String sentence = proven(whole()).sentence();
    for (boolean binary : List.of(false, true)) {
      List<Written> structured =
          whole().stream()
              .map(each -> new Written(each.topic(), structured(each, binary)))
              .toList();
      Finding.Proven finding = proven(structured);
      assertEquals(
          sentence.substring(0, sentence.indexOf("Signed by")),
          finding.sentence().substring(0, sentence.indexOf("Signed by")));
      assertEquals(List.of(), finding.ignored());
    }
  }

  /// Whoever proposes may add members that nobody knows; the services read the proposal around
  /// them.
  @Test
  void anEventThatLooksLikeACloudEventIsReadAsTheServicesReadIt() {
    List<Written> records = whole();
    ObjectNode proposal = (ObjectNode) EventJson.readTree(records.getFirst().value());
    proposal
        .put("specversion", "1.0")
        .set(
            "data", EventJson.tree(proposed(new Agent("other-bot", "acme-agents", "run-2", null))));
    records.set(0, new Written(Topics.ACTION_PROPOSED, EventJson.write(proposal)));
    Finding.Proven finding = proven(records);
    assertEquals(List.of(), finding.ignored());
  }

  private static byte[] structured(Written record, boolean binary) {
    ObjectNode event =
        JsonNodeFactory.instance
            .objectNode()
            .put("specversion", "1.0")
            .put("id", "1")
            .put("source", "urn:x")
            .put("type", Topics.type(record.topic()));
    return EventJson.write(
        binary
            ? event.put("data_base64", Base64.getEncoder().encodeToString(record.value()))
            : event.set("data", EventJson.readTree(record.value())));
  }

  // Where something that is signed does not hold, or contradicts, nothing is proven.

  private void assertForged(String sentence, Consumer<TestGrant> change) {
    TestGrant grant = grant();
    change.accept(grant);
    List<Written> records = whole();
    records.set(4, Written.of(approved(grant)));
    assertWrong("entry 4: " + sentence, records);
  }

  @Test
  void ofAGrantNothingCanBeForged() {
    assertForged("the token's signature", it -> it.signer = new TestGrant.Signer("grant-key"));
    assertForged("the token's typ", it -> it.header.put("typ", "JWT"));
    assertForged("the token's alg", it -> it.header.put("alg", "ES256"));
    assertForged("the ticket service has no key", it -> it.header.put("kid", "mallorys"));
    assertForged("the ticket service has no key", it -> it.header.put("kid", Signed.KID));
    assertForged("the grant's iss", it -> it.claims.put("iss", "urn:mallory"));
    assertForged("the grant's aud", it -> it.claims.put("aud", "releases"));
    assertForged("the grant's sub", it -> it.claims.put("sub", "other-bot"));
    assertForged(
        "the grant's jti is another action's",
        it -> it.claims.put("jti", "018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5e"));
    assertForged(
        "the grant is of another time", it -> it.claims.put("nbf", DECIDED.getEpochSecond() + 1));
    assertForged(
        "the grant is of another time", it -> it.claims.put("exp", DECIDED.getEpochSecond()));
    assertForged(
        "the key grant-key was not in force",
        it -> it.claims.put("nbf", DECIDED.minus(Duration.ofDays(1)).getEpochSecond()));
    assertForged(
        "the grant was given for another action",
        it -> it.call().put("action_digest", Signed.POLICY.value()));
    assertForged("the grant's authorization_details", it -> it.call().put("identifier", "other"));
    assertForged("the grant's authorization_details", it -> it.call().put("type", "urn:other"));
    assertForged("the grant's actions", it -> it.call().putArray("actions").add("payments/refund"));
    assertForged("the attestations are not those", it -> it.claims.putArray("approvals"));
    assertForged(
        "the attestations are not those",
        it -> ((ObjectNode) it.claims.at("/approvals/0")).put("approver", "mallory"));
    assertForged(
        "the attestations are not those",
        it -> ((ObjectNode) it.claims.at("/approvals/0")).put("at", DECIDED.toString()));
    assertForged(
        "the preconditions of the grant",
        it ->
            it.call()
                .putArray("preconditions")
                .addObject()
                .put("label", "Rows")
                .put("fingerprint", Signed.POLICY.value()));
  }

  @Test
  void whatRanIsWhatWasPermittedAndThen() {
    Written another = Written.of(executed(Signed.POLICY, DECIDED.plusSeconds(1)));
    Written before = Written.of(executed(alice.actionDigest, DECIDED.minusSeconds(7)));
    Written after = Written.of(executed(alice.actionDigest, DECIDED.plusSeconds(127)));
    for (Written each : List.of(another, before, after)) {
      List<Written> records = whole();
      records.set(5, each);
      assertWrong("entry 5: ", records);
    }
    List<Written> records = whole();
    records.set(5, Written.of(executed(alice.actionDigest, DECIDED.plusSeconds(124))));
    assertEquals(List.of(), proven(records).ignored());
    assertWrong(
        "entry 1: it was executed, and nothing in the log proves a permission",
        written(no(Decision.Outcome.DENIED), executed(alice.actionDigest, DECIDED)));
  }

  @Test
  void whatContradictsIsNotVerifiedByTakingItAway() {
    for (int gone = 0; gone < whole().size(); gone++) {
      assertCannotBeTold(whole(), gone);
    }
    // Beside another that does not fit either.
    for (Written forged : misfits()) {
      for (int gone = 0; gone < whole().size(); gone++) {
        if (whole().get(gone).topic().equals(forged.topic())) {
          List<Written> records = whole();
          records.add(forged);
          assertCannotBeTold(records, gone);
        }
      }
    }
    for (String session : List.of("run-91c", "run-2")) {
      assertCannotBeTold(trusting(session), 2);
    }
    assertCannotBeTold(
        written(no(Decision.Outcome.DENIED), executed(alice.actionDigest, DECIDED)), 1);
  }

  private void assertCannotBeTold(List<Written> records, int gone) {
    Finding finding = findErased(records, gone);
    assertInstanceOf(Finding.NotVerifiable.class, finding, finding.sentence());
    assertTrue(
        finding.sentence().startsWith("Who approved can't be verified any more."),
        finding.sentence());
  }

  private Finding findErased(List<Written> records, int gone) {
    log = new TestLog();
    ObjectNode erased = (ObjectNode) EventJson.tree(log.written(records, 0));
    ((ObjectNode) erased.path("entries").path(gone)).remove(List.of("event", "value", "salt"));
    return Verification.of(EventJson.write(erased), log.trusted());
  }

  /// What nobody signs, and does not go with what was permitted.
  private List<Written> misfits() {
    return written(
        proposed(new Agent("other-bot", "acme-agents", "run-91c", "bob")),
        new Verdict.Refused(Signed.ID, Signed.AT, null, new Reason("shape", "Not one.")),
        TestEvents.opened(9, Assurance.CODE),
        executed(Signed.POLICY, DECIDED.plusSeconds(1)));
  }

  private void assertStillProven(List<Written> records, int gone) {
    Finding finding = findErased(records, gone);
    assertInstanceOf(Finding.Proven.class, finding, finding.sentence());
    String told = proven(records).sentence();
    String people = finding.sentence().substring(0, finding.sentence().indexOf(" The log holds"));
    assertTrue(told.startsWith(people.replaceFirst(" Not authenticated.*", "")), told);
    assertTrue(finding.sentence().contains("What 1 of them held was erased"), finding.sentence());
  }

  @Test
  void anErasureThatChangesNothingLeavesItVerified() {
    // Somebody named another as the requester, and the true proposal is there.
    for (Written forged : misfits()) {
      List<Written> records = whole();
      records.add(forged);
      assertStillProven(records, 6);
    }
    // An admin ended the trust: what was given is there.
    List<Written> ended = trusting("run-91c");
    Trust given = EventJson.read(ended.get(2).value(), Trust.class);
    ended.add(
        Written.of(
            new Trust(
                Signed.ID,
                DECIDED,
                Trust.Change.REVOKED,
                given.approver(),
                given.agent(),
                given.tool(),
                given.bounds(),
                Signed.ID,
                null,
                new Trust.Used(0, null),
                "an-admin")));
    assertStillProven(ended, 4);
    alice.trust = null;
    // Who asked for what people said no to.
    Signed bob = new Signed();
    bob.approver = "bob";
    bob.answer = Answer.REJECT;
    DsseEnvelope signed = bob.envelope();
    List<Written> rejected =
        written(
            proposed(action.agent()),
            judged(),
            TestEvents.opened(1, Assurance.PASSKEY),
            TestEvents.recorded(bob, signed),
            TestEvents.decision(bob, Decision.Outcome.REJECTED, signed));
    assertStillProven(rejected, 0);
    assertStillProven(rejected, 1);
    for (int gone : List.of(2, 3, 4)) {
      assertCannotBeTold(rejected, gone);
    }
  }

  @Test
  void whatWasProposedAndJudgedIsWhatWasPermitted() {
    List<Written> records = whole();
    records.set(0, Written.of(proposed(new Agent("billing-bot", "acme-agents", "run-2", null))));
    assertWrong("entry 4: what was proposed is another action, or another session's", records);
    records = whole();
    records.set(
        1,
        Written.of(
            new Verdict.Refused(Signed.ID, Signed.AT, null, new Reason("shape", "Not one."))));
    assertWrong("entry 4: the policy judged another action", records);
  }

  @Test
  void whatIsSignedAndContradictsProvesNothing() {
    Signed bob = new Signed();
    bob.approver = "bob";
    bob.answer = Answer.REJECT;
    List<Written> records = whole();
    records.add(Written.of(TestEvents.recorded(bob, bob.envelope())));
    assertWrong("entry 6: somebody said no, and it was permitted: both are signed", records);

    Action other = new Action(action.agent(), new Tool("payments", "refund"), action.parameters());
    records = whole();
    records.add(
        Written.of(decision(new TestGrant(other, DECIDED).token(), other, Decision.Basis.POLICY)));
    assertWrong("entry 6: the ticket service permitted two actions under one id", records);
  }

  @Test
  void aForgedNoDoesNotHideWhoSaidNo() {
    Signed bob = new Signed();
    bob.approver = "bob";
    bob.answer = Answer.REJECT;
    DsseEnvelope signed = bob.envelope();
    List<Written> records =
        written(
            TestEvents.opened(1, Assurance.PASSKEY),
            TestEvents.recorded(bob, signed),
            TestEvents.decision(bob, Decision.Outcome.REJECTED, signed));
    String alone = proven(records).sentence();
    assertTrue(alone.contains("bob"), alone);
    for (int at = 0; at <= 3; at++) {
      List<Written> with = new ArrayList<>(records);
      with.add(at, Written.of(no(Decision.Outcome.DENIED)));
      Finding.Proven finding = proven(with);
      assertEquals(List.of((long) at), finding.ignored(), finding.sentence());
      assertTrue(finding.sentence().contains("bob"), finding.sentence());
      assertTrue(!finding.sentence().contains("nobody answered"), finding.sentence());
    }
  }

  @Test
  void aForgedYesDoesNotMakeANoUnreadable() {
    TestGrant mallorys = grant();
    mallorys.signer = new TestGrant.Signer("grant-key");
    Decision forged = approved(mallorys);
    for (Event answer :
        List.of(
            no(Decision.Outcome.DENIED), new Expired(Signed.ID, DECIDED, new Reason("r", "R.")))) {
      Finding.Proven finding = proven(written(forged, answer));
      assertEquals(List.of(0L), finding.ignored());
      assertTrue(!finding.sentence().contains("Approved"), finding.sentence());
    }
    // Nobody says how it ended but the forger.
    assertWrong("entry 0: the token's signature", written(forged));
  }

  @Test
  void aSessionThatWasTrustedIsTheOneThatIsSaid() {
    assertEquals(List.of(), proven(trusting("run-91c")).ignored());
    assertWrong("the trust that was given with a vote is for another", trusting("run-2"));
  }

  private List<Written> trusting(String session) {
    StandingPermission given =
        new StandingPermission(
            new Agent("billing-bot", "acme-agents", session, null),
            action.tool(),
            Signed.POLICY,
            3,
            Duration.ofHours(1),
            null,
            null,
            null,
            List.of());
    alice.trust = given.digest();
    DsseEnvelope trusting = alice.envelope();
    return written(
        TestEvents.opened(1, Assurance.PASSKEY),
        TestEvents.recorded(alice, trusting),
        new Trust(
            Signed.ID,
            DECIDED,
            Trust.Change.GRANTED,
            "alice",
            given.agent(),
            given.tool(),
            new Trust.Bounds(3, null, Signed.UNTIL, null),
            Signed.ID,
            given,
            null,
            null),
        decision(
            new TestGrant(action, DECIDED, trusting).token(),
            action,
            Decision.Basis.VOTES,
            trusting));
  }

  @Test
  void aKeyThatIsMissingIsNotTakenForAForgers() {
    log = new TestLog();
    byte[] file = EventJson.write(log.written(whole(), 0));
    for (int left : List.of(0, 1)) {
      ObjectNode old = JsonNodeFactory.instance.objectNode();
      ArrayNode keys = old.putArray("keys");
      keys.add(Signed.jwks().path("keys").path(left));
      Finding finding =
          Verification.of(
              file, new TrustedKeys(KeySet.read(EventJson.write(old)), log.log.key(), List.of()));
      assertInstanceOf(Finding.Wrong.class, finding, finding.sentence());
      assertTrue(
          finding.sentence().endsWith("get the ticket service's keys anew"), finding.sentence());
    }
  }
}
