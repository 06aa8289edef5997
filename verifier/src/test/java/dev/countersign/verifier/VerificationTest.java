package dev.countersign.verifier;

import static dev.countersign.verifier.TestEvents.opened;
import static dev.countersign.verifier.TestEvents.recorded;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.ActionId;
import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.Event;
import dev.countersign.events.EventJson;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever file of ours it is: an event, a decision, an action's evidence; and what the command
/// says of it.
class VerificationTest {

  private final Signed alice = new Signed();
  private final Signed bob = new Signed();
  private final DsseEnvelope alices = alice.envelope();
  private TestLog log = new TestLog();

  VerificationTest() {
    bob.approver = "bob";
  }

  private static Finding.Proven proven(Object file) {
    Finding finding = Signed.verify(file);
    return assertInstanceOf(Finding.Proven.class, finding, finding.sentence());
  }

  private static void assertWrong(String part, Object file) {
    Finding finding = Signed.verify(file);
    assertInstanceOf(Finding.Wrong.class, finding, finding.sentence());
    assertTrue(finding.sentence().contains(part), finding.sentence());
  }

  private Decision decision(Decision.Outcome outcome, DsseEnvelope... attestations) {
    return TestEvents.decision(alice, outcome, attestations);
  }

  @Test
  void anEventSaysWhatItsAttestationSays() {
    assertTrue(proven(recorded(alice, alices)).sentence().contains("alice approved"));
    assertWrong("no attestation", recorded(alice, null));
    assertWrong("another vote", recorded(bob, alices));
    alice.at = Signed.AT.plusNanos(1000);
    assertWrong("another vote", recorded(alice, alices));
    alice.at = Signed.AT;
    alice.answer = Answer.REJECT;
    assertWrong("another vote", recorded(alice, alices));
    alice.answer = Answer.APPROVE;
    alice.assurance = Assurance.CODE;
    assertWrong("another vote", recorded(alice, alices));
  }

  @Test
  void aDecisionIsWhatPeopleAnswered() {
    Finding.Proven finding = proven(decision(Decision.Outcome.APPROVED, alices, bob.envelope()));
    assertTrue(finding.sentence().startsWith("Approved at"), finding.sentence());
    assertTrue(finding.sentence().contains("alice approved"), finding.sentence());
    assertTrue(finding.sentence().contains("bob approved"), finding.sentence());

    bob.answer = Answer.REJECT;
    DsseEnvelope no = bob.envelope();
    assertTrue(
        proven(decision(Decision.Outcome.REJECTED, alices, no))
            .sentence()
            .contains("bob rejected"));
    assertWrong("somebody said no", decision(Decision.Outcome.APPROVED, alices, no));
    assertWrong("not one person said no", decision(Decision.Outcome.REJECTED, alices));
    assertWrong("somebody said no", decision(Decision.Outcome.CANCELLED, no));
    assertWrong("were not asked", decision(Decision.Outcome.DENIED, no));
    assertWrong("another basis than the one that is signed", decision(Decision.Outcome.APPROVED));
    assertWrong("no person stands behind", decision(Decision.Outcome.REJECTED));
    assertWrong("twice", decision(Decision.Outcome.APPROVED, alices, alices));
  }

  @Test
  void aDecisionIsAboutTheActionThatWasApproved() {
    ObjectNode decision = (ObjectNode) EventJson.tree(decision(Decision.Outcome.APPROVED, alices));
    ((ObjectNode) decision.path("action").path("parameters")).put("amount", "48201.00");
    assertWrong("not the one of its digest", decision);

    Digest other = alice.action.digest(ActionId.of("018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5e"));
    decision.put("actionId", "018f6f3e-9d5c-7c3e-8f4a-0d1f2a3b4c5e");
    ((ObjectNode) decision.path("action").path("parameters")).put("amount", "48200.00");
    decision.put("actionDigest", other.value());
    assertWrong("another action", decision);

    alice.at = Signed.AT.plusSeconds(2);
    assertWrong("after the decision", decision(Decision.Outcome.APPROVED, alice.envelope()));
  }

  /// In UTF-8 a lone surrogate would be a `?`, and an infinity the text of one (RFC 8785 §3.2.2).
  @Test
  void anActionWithoutADigestIsNotTheOneThatWasApproved() {
    ((ObjectNode) alice.action.parameters()).put("note", "now?").put("limit", "Infinity");
    alice.actionDigest = alice.action.digest(Signed.ID);
    alice.prompt = (ObjectNode) EventJson.tree(Signed.prompt(alice.actionDigest));
    Decision approved = decision(Decision.Outcome.APPROVED, alice.envelope());
    proven(approved);
    String json = new String(EventJson.write(approved), UTF_8);
    for (String other :
        List.of(
            json.replace("now?", "now\\ud800"),
            json.replace("\"Infinity\"", "1e999"),
            json.replace("\"Infinity\"", "9".repeat(400)))) {
      assertNotEquals(json, other);
      Finding finding = Verification.of(other.getBytes(UTF_8), Signed.keys());
      assertInstanceOf(Finding.Wrong.class, finding, finding.sentence());
      assertTrue(finding.sentence().contains("not canonicalizable"), finding.sentence());
    }
  }

  @Test
  void evidenceHoldsTheQuestionTheVotesAndTheDecision() {
    DsseEnvelope bobs = bob.envelope();
    Event asked = opened(2, Assurance.PASSKEY);
    List<Event> all =
        List.of(
            asked,
            recorded(alice, alices),
            recorded(bob, bobs),
            decision(Decision.Outcome.APPROVED, alices, bobs));
    Finding.Proven finding = provenEvidence(evidence(all));
    assertTrue(finding.sentence().contains("bob approved"), finding.sentence());
    assertTrue(finding.sentence().contains("4 entries"), finding.sentence());
    // Between topics there is no order: a decision may have come to the log before its votes.
    assertEquals(
        finding.sentence(),
        provenEvidence(evidence(List.of(all.get(0), all.get(1), all.get(3), all.get(2))))
            .sentence());

    assertWrongEvidence(
        "entry 2: the decision carries a vote that the log does not hold",
        evidence(
            List.of(
                asked,
                recorded(alice, alices),
                decision(Decision.Outcome.APPROVED, alices, bobs))));
    assertWrongEvidence(
        "entry 2: the policy asked for 2 approvals, and alice alone",
        evidence(
            List.of(asked, recorded(alice, alices), decision(Decision.Outcome.APPROVED, alices))));
    assertTrue(
        provenEvidence(evidence(List.of(asked, recorded(alice, null))))
            .sentence()
            .startsWith(
                "People were asked, and nobody answered. Not authenticated, and ignored: entry 1:"
                    + " the vote carries no attestation."));
    assertWrongEvidence(
        "never asked",
        evidence(List.of(recorded(alice, alices), decision(Decision.Outcome.APPROVED, alices))));
    alice.assurance = Assurance.CODE;
    DsseEnvelope weak = alice.envelope();
    assertWrongEvidence(
        "weaker than the policy asked for",
        evidence(
            List.of(
                opened(1, Assurance.PASSKEY),
                recorded(alice, weak),
                decision(Decision.Outcome.APPROVED, weak))));
  }

  @Test
  void evidenceWithoutVotesNeedsNoKeysAndWithThemItDoes() {
    byte[] asked = EventJson.write(evidence(List.of(opened(1, Assurance.CODE))));
    assertInstanceOf(
        Finding.Proven.class,
        Verification.of(asked, new TrustedKeys(null, log.log.key(), List.of())));
    byte[] voted = EventJson.write(evidence(List.of(recorded(alice, alices))));
    assertInstanceOf(
        Finding.NotVerifiable.class,
        Verification.of(voted, new TrustedKeys(null, log.log.key(), List.of())));
  }

  private EvidenceFile evidence(List<? extends Event> events) {
    log = new TestLog();
    return log.evidence(events, 0);
  }

  private Finding.Proven provenEvidence(EvidenceFile file) {
    Finding finding = Verification.of(EventJson.write(file), log.trusted());
    return assertInstanceOf(Finding.Proven.class, finding, finding.sentence());
  }

  private void assertWrongEvidence(String part, EvidenceFile file) {
    Finding finding = Verification.of(EventJson.write(file), log.trusted());
    assertInstanceOf(Finding.Wrong.class, finding, finding.sentence());
    assertTrue(finding.sentence().contains(part), finding.sentence());
  }

  @Test
  void aFileThatIsTwoKindsAtOnceIsVerifiedAsNeither() {
    JsonNode genuine = EventJson.tree(alices);
    for (JsonNode other :
        List.of(
            EventJson.tree(evidence(List.of(recorded(alice, alices)))),
            EventJson.tree(decision(Decision.Outcome.APPROVED, alices)),
            EventJson.tree(recorded(alice, alices)))) {
      ObjectNode both = other.deepCopy();
      both.setAll((ObjectNode) genuine);
      assertInstanceOf(
          Finding.NotVerifiable.class, Verification.of(EventJson.write(both), log.trusted()));
    }
  }

  // The command.

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private int run(String... arguments) {
    try (PrintStream print = new PrintStream(out, true, UTF_8)) {
      return Verify.run(List.of(arguments), Map.of(), print, print);
    }
  }

  private String file(String name, byte[] content) throws Exception {
    return Files.write(folder.resolve(name), content).toString();
  }

  @Test
  void theCommandSaysWhatIsProvenOrWhatIsWrongOrThatItIsNoFile() throws Exception {
    String keys = file("jwks.json", EventJson.write(Signed.jwks()));
    String good = file("good.json", EventJson.write(alices));
    String bad = file("bad.json", EventJson.write(recorded(bob, alices)));
    assertEquals(0, run(good, "--keys", keys));
    assertEquals(0, run("--keys", keys, good));
    assertTrue(out.toString(UTF_8).startsWith("verified: alice approved"), out.toString(UTF_8));
    out.reset();
    assertEquals(1, run(bad, "--keys", keys));
    assertTrue(out.toString(UTF_8).startsWith("NOT VERIFIED: "), out.toString(UTF_8));

    assertEquals(2, run());
    assertEquals(2, run(good, "--key", keys));
    assertEquals(2, run(good, good, "--keys", keys));
    assertEquals(2, run(good), "without keys");
    assertEquals(2, run(good, "--keys", good), "keys that are none");
    String empty = file("witness.vkey", new byte[] {'\n'});
    assertEquals(2, run(good, "--keys", keys, "--witness", empty), "a witness without a key");
    assertEquals(2, run(folder.resolve("missing").toString(), "--keys", keys));
    for (String none : List.of("", "[]", "{}", "\"x\"", "no JSON", "{\"actionId\":1}", "null")) {
      assertEquals(2, run(file("none.json", none.getBytes(UTF_8)), "--keys", keys), none);
    }
  }

  @Test
  void aFileCutShortIsNotVerified() throws Exception {
    String keys = file("jwks.json", EventJson.write(Signed.jwks()));
    byte[] whole = EventJson.write(decision(Decision.Outcome.APPROVED, alices));
    for (int length = 0; length < whole.length; length += 7) {
      String cut = file("cut.json", Arrays.copyOf(whole, length));
      assertEquals(2, run(cut, "--keys", keys));
    }
  }
}
