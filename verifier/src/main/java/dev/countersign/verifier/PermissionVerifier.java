package dev.countersign.verifier;

import dev.countersign.events.Action;
import dev.countersign.events.Agent;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.Shown;
import dev.countersign.events.StandingPermission;
import dev.countersign.verifier.AttestationVerifier.Attested;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Whether the ticket service permitted what a decision says that it did: the grant is signed by
/// it, is of this action, and everything around the grant is what it was given for.
final class PermissionVerifier {

  /// Who signs grants.
  private static final String ISSUER = "urn:countersign:ticket-service";

  private final KeySet keys;
  private final DecisionVerifier decisions;

  PermissionVerifier(KeySet keys, DecisionVerifier decisions) {
    this.keys = keys;
    this.decisions = decisions;
  }

  /// A permission that holds.
  ///
  /// @param votes those behind it; none where the policy itself allowed it
  /// @param kid the key that signed it
  record Permission(Decision decision, Grant grant, List<Attested> votes, String kid) {

    Action action() {
      return Objects.requireNonNull(decision.action(), "an approved decision has its action");
    }

    boolean covers(Instant at) {
      return !at.isBefore(grant.notBefore().minus(GrantVerifier.LEEWAY))
          && !at.isAfter(grant.expiresAt().plus(GrantVerifier.LEEWAY));
    }
  }

  /// The grant of an approved decision, where the ticket service signed it for this action. Throws
  /// where it did not: anybody with the topic may have written that.
  Grant authentic(Decision decision) throws InvalidGrant {
    String token = Objects.requireNonNull(decision.grant(), "an approved decision has a grant");
    Grant grant =
        new GrantReader(kid -> keys.findGrantKey(kid).map(KeySet.GrantKey::key)).read(token);
    InvalidGrant.unless(
        grant.actionId().equals(decision.actionId()),
        "grant-action",
        "the grant's jti is another action's id");
    return grant;
  }

  /// The permission, where everything around its grant is what the ticket service signed. Throws
  /// with the first that is not.
  ///
  /// @param given what approvers permitted a session from here on, by the digest that they signed
  Permission check(Decision decision, Grant grant, Map<Digest, StandingPermission> given)
      throws NotProven {
    try {
      String kid = GrantReader.kid(Objects.requireNonNull(decision.grant()));
      InvalidGrant.unless(
          keys.findGrantKey(kid).filter(key -> key.covers(grant.notBefore())).isPresent(),
          InvalidGrant.KEY,
          "the key " + Shown.text(kid) + " was not in force at " + grant.notBefore());
      Action action = Objects.requireNonNull(decision.action());
      NotProven.unless(
          action.digest(decision.actionId()).equals(decision.actionDigest()),
          "the decision's action is not the one of its digest");
      grant.mustPermit(decision.actionId(), action, ISSUER);
      NotProven.unless(
          !decision.at().isBefore(grant.notBefore()) && decision.at().isBefore(grant.expiresAt()),
          "the grant is of another time than the decision");
      List<Attested> votes = decisions.proven(decision, grant);
      NotProven.unless(
          !votes.isEmpty() || decision.basis() == Decision.Basis.POLICY,
          DecisionVerifier.OTHER_BASIS);
      for (Attested each : votes) {
        checkTrust(each, action, given);
      }
      return new Permission(decision, grant, votes, kid);
    } catch (InvalidGrant e) {
      throw new NotProven(e.detail());
    }
  }

  /// The session is in no action's digest; where a vote trusted it, the vote signed it.
  private static void checkTrust(
      Attested vote, Action action, Map<Digest, StandingPermission> given) throws NotProven {
    Digest signed = vote.vote().trust();
    StandingPermission trust = signed == null ? null : given.get(signed);
    if (trust != null) {
      Agent agent = trust.agent();
      NotProven.unless(
          trust.tool().equals(action.tool())
              && agent.id().equals(action.agent().id())
              && Objects.equals(agent.platform(), action.agent().platform())
              && Objects.equals(agent.session(), action.agent().session()),
          "the trust that was given with a vote is for another agent, session or tool");
    }
  }
}
