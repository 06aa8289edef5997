package dev.countersign.executor.application;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Bounds;
import dev.countersign.events.Decision;
import dev.countersign.events.Decision.Outcome;
import dev.countersign.events.EventJson;
import dev.countersign.executor.domain.Judgement;
import dev.countersign.messaging.Decoder;
import dev.countersign.messaging.Envelope;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Rejected;
import dev.countersign.verifier.DecisionVerifier;
import dev.countersign.verifier.Grant;
import dev.countersign.verifier.InvalidGrant;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.function.Function;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// Trusts what is signed in a decision, the grant and the votes behind it, and nothing else that
/// came with it: whoever can write to the topic can write a decision, but neither grant nor
/// attestation.
@ApplicationScoped
public class VerifyDecision implements Decoder<Incoming> {

  // As many bytes as any service publishes in an event; and of values, names and brackets those of
  // the largest action, and as many again for the votes behind it.
  private static final EventJson.Bounded RECORD =
      new EventJson.Bounded(Outbox.LARGEST_EVENT, 2 * Bounds.MAX_BYTES);

  private final Grants grants;
  private final String issuer;
  private final DecisionVerifier approvals;

  @Inject
  VerifyDecision(Grants grants, @ConfigProperty(name = "countersign.grant.issuer") String issuer) {
    this.grants = grants;
    this.issuer = issuer;
    this.approvals = new DecisionVerifier(grants::keySet);
  }

  @Override
  public Incoming decode(Envelope envelope) throws Rejected {
    Decision decision;
    try {
      decision = read(envelope.data());
    } catch (Bounds.OutOfBounds e) {
      throw new Rejected(e.code(), e.sentence());
    }
    if (decision == null) {
      return new Incoming.Forged(
          "grant-missing", "an approved decision without a grant permits nothing");
    }
    String token = decision.grant();
    if (decision.outcome() != Outcome.APPROVED || token == null) {
      return new Incoming.Ignored();
    }
    try {
      return judged(
          decision,
          grants.authentic(token),
          it ->
              new Incoming.Permitted(
                  it.grant(),
                  it.actionId(),
                  it.action(),
                  token,
                  decision.basis() == Decision.Basis.TRUST));
    } catch (InvalidGrant e) {
      return e.reason().equals(InvalidGrant.KEY)
          ? outlived(decision, token)
          : new Incoming.Forged(e.reason(), e.detail());
    }
  }

  /// It may come long after it was given: again after a restore, or for the first time to an
  /// executor that was away.
  private Incoming outlived(Decision decision, String token) {
    try {
      return judged(
          decision,
          grants.outlived(token),
          it -> new Incoming.Outlived(it.grant(), it.actionId(), it.action()));
    } catch (InvalidGrant e) {
      return new Incoming.Forged(e.reason(), e.detail());
    }
  }

  private Incoming judged(
      Decision decision, Grant grant, Function<Judgement.Permitted, Incoming> permitted) {
    return switch (Judgement.of(decision, grant, issuer, approvals)) {
      case Judgement.Permitted it -> permitted.apply(it);
      case Judgement.Tampered it -> new Incoming.Tampered(it.grant(), it.reason(), it.detail());
      case Judgement.Forged it -> new Incoming.Forged(it.reason(), it.detail());
    };
  }

  /// Null where it approves without a grant.
  private static @Nullable Decision read(byte[] data) throws Bounds.OutOfBounds {
    try {
      return RECORD.read(data, Decision.class);
    } catch (IllegalArgumentException e) {
      if (approvesWithoutGrant(data)) {
        return null;
      }
      throw e;
    }
  }

  private static boolean approvesWithoutGrant(byte[] data) throws Bounds.OutOfBounds {
    JsonNode decision;
    try {
      decision = RECORD.readTree(data);
    } catch (IllegalArgumentException e) {
      // Not JSON at all; the caller throws what says so.
      return false;
    }
    return decision.path("outcome").asText().equals("approved")
        && !decision.path("grant").isTextual();
  }
}
