package dev.countersign.ticket.outbound;

import dev.countersign.events.Digest;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.EventJson;
import dev.countersign.events.Statement;
import dev.countersign.events.VoteChallenge;
import dev.countersign.messaging.Unavailable;
import dev.countersign.ticket.application.Attestations;
import dev.countersign.ticket.application.Signer;
import dev.countersign.ticket.domain.Proof;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Vote;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Attestations as DSSE envelopes over in-toto statements.
@ApplicationScoped
class SignedAttestations implements Attestations {

  private final Signer signer;
  private final Vertx vertx;
  private final SecureRandom random = new SecureRandom();

  @Inject
  SignedAttestations(Signer signer, Vertx vertx) {
    this.signer = signer;
    this.vertx = vertx;
  }

  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  private record Unsigned(String kid, byte[] body) {

    Signer.Order order() {
      return new Signer.Order(kid, DsseEnvelope.pae(DsseEnvelope.IN_TOTO, body));
    }
  }

  @Override
  public Uni<List<DsseEnvelope>> sign(List<Cast> casts) {
    if (casts.isEmpty()) {
      return Uni.createFrom().item(List.of());
    }
    return vertx
        .executeBlocking(() -> casts.stream().map(this::unsigned).toList(), false)
        .chain(unsigned ->
            signer
                .sign(unsigned.stream().map(Unsigned::order).toList())
                .onFailure()
                .transform(failure -> new Unavailable("the votes could not be signed", failure))
                .map(signatures -> envelopes(unsigned, signatures)));
  }

  private static List<DsseEnvelope> envelopes(List<Unsigned> unsigned, List<byte[]> signatures) {
    List<DsseEnvelope> envelopes = new ArrayList<>(unsigned.size());
    for (int i = 0; i < unsigned.size(); i++) {
      Unsigned each = unsigned.get(i);
      envelopes.add(
          DsseEnvelope.of(DsseEnvelope.IN_TOTO, each.body(), each.kid(), signatures.get(i)));
    }
    return envelopes;
  }

  private Unsigned unsigned(Cast cast) {
    return new Unsigned(
        signer.kid(Signer.Role.ATTESTATION, cast.vote().at()), EventJson.write(statement(cast)));
  }

  private Statement statement(Cast cast) {
    Vote vote = cast.vote();
    Proof proof = vote.proof();
    if (proof == null) {
      Digest trust = vote.trust() == null ? null : vote.trust().digest();
      return statement(cast, nonce(), trust, null);
    }
    VoteChallenge.Item signed =
        proof.items().stream()
            .filter(item -> item.actionId().equals(cast.docket().actionId()))
            .findFirst()
            .orElse(null);
    Digest trust = signed == null ? null : signed.trust();
    Statement statement = statement(cast, proof.nonce(), trust, proof);
    // What would not verify later is not said at all.
    if (!statement.item().equals(signed)) {
      throw new IllegalStateException("the passkey signed another vote than the one that counts");
    }
    return statement;
  }

  private static Statement statement(
      Cast cast, String nonce, @Nullable Digest trust, @Nullable Proof proof) {
    Question question = Objects.requireNonNull(cast.docket().question(), "a vote has a question");
    Vote vote = cast.vote();
    return Statement.of(
        question.actionDigest(),
        new Statement.Approval(
            cast.docket().actionId(),
            vote.answer(),
            vote.approver(),
            vote.at(),
            vote.assurance(),
            EventJson.tree(question.prompt()),
            question.promptDigest(),
            question.prompt().policyVersion(),
            cast.docket().version(),
            nonce,
            question.expiresAt(),
            trust,
            proof != null && proof.set() ? proof.items() : null,
            proof == null ? null : proof.assertion()));
  }

  /// A vote without a passkey has a nonce of its own too, so that no two attestations are the same.
  private String nonce() {
    byte[] nonce = new byte[VoteChallenge.NONCE_BYTES];
    random.nextBytes(nonce);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(nonce);
  }
}
