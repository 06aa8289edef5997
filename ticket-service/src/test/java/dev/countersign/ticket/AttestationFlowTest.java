package dev.countersign.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.jwk.JWKSet;
import dev.countersign.events.ActionCancelled;
import dev.countersign.events.ActionId;
import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Decision;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.Statement;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.events.VoteRecorded;
import dev.countersign.ticket.application.CastVote;
import dev.countersign.ticket.outbound.BreakableSigner;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Each vote that counts is signed, stored and published in one transaction, or it doesn't count.
@QuarkusTest
@SuppressWarnings("NullAway.Init") // injected
class AttestationFlowTest extends TicketServiceTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @ConfigProperty(name = "countersign.state")
  Path state;

  @Inject CastVote castVote;
  @Inject BreakableSigner signer;

  @AfterEach
  void theSignerIsBack() {
    signer.setAway(false);
  }

  @Test
  void eachVoteIsSignedStoredAndPublishedAndADecisionCarriesThemAll() throws Exception {
    Verdict.ApprovalRequired verdict = Verdicts.required(Verdicts.id(), 2);
    open(verdict);
    vote(verdict, "alice", Answer.APPROVE, 0);
    vote(verdict, "bob", Answer.APPROVE, 1);

    List<VoteRecorded> votes = votes(verdict.actionId(), 2);
    for (VoteRecorded vote : votes) {
      Statement statement = verified(attestation(vote));
      assertEquals(verdict.actionDigest(), statement.actionDigest());
      Statement.Approval said = statement.predicate();
      assertEquals(verdict.actionId(), said.actionId());
      assertEquals(vote.approver(), said.approver());
      assertEquals(vote.answer(), said.answer());
      assertEquals(vote.assurance(), said.assurance());
      assertEquals(vote.at(), said.at());
      assertEquals(EventJson.tree(verdict.prompt()), said.prompt());
      assertEquals(verdict.prompt().digest(), said.promptDigest());
      assertEquals(verdict.policyVersion(), said.policyVersion());
      assertEquals(vote.approver().equals("alice") ? 0 : 1, said.ticketVersion());
      assertNull(said.assertion());
      assertEquals(EventJson.tree(attestation(vote)), stored(verdict.actionId(), vote.approver()));
    }
    assertNotEquals(
        verified(attestation(votes.get(0))).predicate().nonce(),
        verified(attestation(votes.get(1))).predicate().nonce());
    Decision decision = decision(verdict.actionId());
    assertEquals(
        votes.stream().map(AttestationFlowTest::attestation).toList(), decision.attestations());
  }

  @Test
  void aRejectionIsSignedAndTakesThePlaceOfWhatThatPersonSaidBefore() throws Exception {
    Verdict.ApprovalRequired verdict = Verdicts.required(Verdicts.id(), 2);
    open(verdict);
    vote(verdict, "alice", Answer.APPROVE, 0);
    vote(verdict, "alice", Answer.REJECT, 1);

    Decision decision = decision(verdict.actionId());
    assertEquals(Decision.Outcome.REJECTED, decision.outcome());
    assertEquals(1, decision.attestations().size());
    Statement statement = verified(decision.attestations().getFirst());
    assertEquals(Answer.REJECT, statement.predicate().answer());
    assertEquals(
        EventJson.tree(decision.attestations().getFirst()), stored(verdict.actionId(), "alice"));
  }

  @Test
  void aDecisionWithoutVotesCarriesNoneAndOneTakenBackCarriesThoseThatWereThere() throws Exception {
    Verdict.Allowed allowed = Verdicts.allowed(Verdicts.id(), "1.00");
    wire.publish(allowed);
    assertEquals(List.of(), decision(allowed.actionId()).attestations());

    Verdict.ApprovalRequired verdict = Verdicts.required(Verdicts.id(), 2);
    open(verdict);
    vote(verdict, "bob", Answer.APPROVE, 0);
    wire.publish(new ActionCancelled(verdict.actionId(), null, "billing-bot", null));
    Decision cancelled = decision(verdict.actionId());
    assertEquals(Decision.Outcome.CANCELLED, cancelled.outcome());
    assertEquals("bob", verified(cancelled.attestations().getFirst()).predicate().approver());
  }

  @Test
  void aVoteThatCannotBeSignedIsNotTaken() {
    Verdict.ApprovalRequired verdict = Verdicts.required(Verdicts.id(), 1);
    open(verdict);
    Browser alice = signedIn("alice");
    String path = path(verdict);
    String page = alice.get(path).body();
    Map<String, String> form = Browser.form(page, "approve");
    form.put(Browser.labelled(page, "Amount"), "EUR 48200.00");

    signer.setAway(true);
    HttpResponse<String> answer = alice.post(path, form);

    assertEquals(503, answer.statusCode());
    assertTrue(answer.body().contains("it was not taken"), answer.body());
    assertTrue(
        alice.get("/v1" + path).body().contains("\"state\":\"pending\""), "nothing has changed");
    signer.setAway(false);
    assertEquals(200, alice.post(path, form).statusCode());
    assertEquals(1, votes(verdict.actionId(), 1).size());
  }

  @Test
  void theKeySetLiesBesideTheStoreAsItIsServed() throws Exception {
    assertEquals(
        EventJson.readTree(jwks().getBytes(StandardCharsets.UTF_8)),
        EventJson.readTree(Files.readAllBytes(state.resolve("ticket/jwks.json"))));
  }

  private void vote(Verdict.ApprovalRequired verdict, String approver, Answer answer, int version) {
    castVote
        .cast(
            verdict.actionId(),
            new CastVote.Ballot(
                approver,
                Assurance.CODE,
                answer,
                version,
                verdict.prompt().digest(),
                Map.of(2, "EUR 48200.00"),
                null,
                null,
                null,
                null))
        .await()
        .atMost(PATIENCE);
  }

  private List<VoteRecorded> votes(ActionId id, int count) {
    return wire.events(VoteRecorded.class, id, Topics.VOTE_RECORDED, count);
  }

  private static DsseEnvelope attestation(VoteRecorded vote) {
    return Objects.requireNonNull(vote.attestation());
  }

  private String jwks() {
    return browser().get("/.well-known/jwks.json").body();
  }

  /// The statement of an attestation, verified by the JDK with the published key.
  private Statement verified(DsseEnvelope envelope) throws Exception {
    DsseEnvelope.Signature signature = envelope.signatures().getFirst();
    Signature verifier = Signature.getInstance("SHA256withECDSA");
    verifier.initVerify(
        JWKSet.parse(jwks()).getKeyByKeyId(signature.keyid()).toECKey().toECPublicKey());
    verifier.update(DsseEnvelope.pae(envelope.payloadType(), envelope.body()));
    assertTrue(verifier.verify(signature.bytes()));
    return EventJson.read(envelope.body(), Statement.class);
  }

  private Object stored(ActionId id, String approver) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "select attestation from vote where action_id = ? and approver = ?")) {
      select.setObject(1, id.value());
      select.setString(2, approver);
      try (ResultSet row = select.executeQuery()) {
        assertTrue(row.next());
        return EventJson.readTree(row.getString(1).getBytes(StandardCharsets.UTF_8));
      }
    }
  }
}
