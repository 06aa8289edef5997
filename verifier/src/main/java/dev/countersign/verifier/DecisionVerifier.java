package dev.countersign.verifier;

import dev.countersign.events.Answer;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.DsseEnvelope;
import dev.countersign.events.Prompt;
import dev.countersign.verifier.AttestationVerifier.Attested;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Whether the people whom a decision names stand behind it.
public final class DecisionVerifier {

  static final String OTHER_BASIS = "the decision says another basis than the one that is signed";

  private final AttestationVerifier attestations;

  /// @param keys the ticket service's key set to look a `kid` up in: fetched anew, perhaps, where
  ///   the one at hand does not know it
  public DecisionVerifier(Function<String, KeySet> keys) {
    this(new AttestationVerifier(keys));
  }

  DecisionVerifier(AttestationVerifier attestations) {
    this.attestations = attestations;
  }

  /// Throws where the attestations in the decision are not those of the approvals in its grant:
  /// each of them, as sure as the grant says, and nobody else's; or where they are not the basis
  /// that it names.
  public void mustProve(Decision decision, Grant grant) throws InvalidGrant {
    proven(decision, grant);
  }

  /// Those votes.
  List<Attested> proven(Decision decision, Grant grant) throws InvalidGrant {
    if (grant.approvals().isEmpty() && decision.attestations().isEmpty()) {
      return List.of();
    }
    List<Attested> attested;
    try {
      attested = attested(decision);
    } catch (NotProven e) {
      throw new InvalidGrant(InvalidGrant.UNPROVEN, e.sentence());
    }
    Set<Grant.Approval> proven =
        attested.stream()
            .map(Attested::vote)
            .map(vote -> new Grant.Approval(vote.approver(), vote.assurance(), vote.at()))
            .collect(Collectors.toSet());
    InvalidGrant.unless(
        proven.equals(Set.copyOf(grant.approvals())),
        InvalidGrant.UNPROVEN,
        "the attestations are not those of the approvals that the grant names");
    // Nobody signs the basis, and a connector's floor counts no trust.
    InvalidGrant.unless(
        decision.basis() == basis(decision, attested), InvalidGrant.UNPROVEN, OTHER_BASIS);
    Set<Grant.Promise> promised = Set.copyOf(grant.preconditions());
    for (Attested each : attested) {
      // The vote that trusted a session was shown another action's.
      InvalidGrant.unless(
          !each.vote().actionId().equals(decision.actionId())
              || shown(each.prompt()).equals(promised),
          InvalidGrant.UNPROVEN,
          "the preconditions of the grant are not those that the approvers were shown");
    }
    return attested;
  }

  /// By what these votes permit it.
  private static Decision.Basis basis(Decision decision, List<Attested> votes) {
    return votes.stream().allMatch(each -> each.vote().actionId().equals(decision.actionId()))
        ? Decision.Basis.VOTES
        : Decision.Basis.TRUST;
  }

  private static Set<Grant.Promise> shown(Prompt prompt) {
    return prompt.preconditions().stream()
        .map(each -> new Grant.Promise(each.label(), each.fingerprint()))
        .collect(Collectors.toUnmodifiableSet());
  }

  /// The votes that it carries, each good and about this action, and no other.
  List<Attested> attested(Decision decision) throws NotProven {
    Digest digest = decision.actionDigest();
    if (decision.action() != null) {
      NotProven.unless(
          decision.action().digest(decision.actionId()).equals(digest),
          "the decision's action is not the one of its digest");
    }
    boolean byTrust = decision.basis() == Decision.Basis.TRUST;
    List<Attested> votes = new ArrayList<>();
    Set<String> people = new HashSet<>();
    for (DsseEnvelope envelope : decision.attestations()) {
      Attested each = attestations.check(envelope);
      // A session that is trusted was trusted at another action, by a vote that said so.
      NotProven.unless(
          (byTrust && each.vote().trust() != null)
              || (each.vote().actionId().equals(decision.actionId())
                  && each.statement().actionDigest().equals(digest)),
          "an attestation is about another action than the decision");
      NotProven.unless(
          people.add(each.vote().approver()), "a person stands behind the decision twice");
      NotProven.unless(!each.vote().at().isAfter(decision.at()), "a vote came after the decision");
      votes.add(each);
    }
    checkAnswers(decision, votes);
    return votes;
  }

  private static void checkAnswers(Decision decision, List<Attested> votes) throws NotProven {
    long approvals = votes.stream().filter(each -> each.vote().answer() == Answer.APPROVE).count();
    switch (decision.outcome()) {
      case APPROVED ->
          NotProven.unless(approvals == votes.size(), "it says approved, and somebody said no");
      case REJECTED ->
          NotProven.unless(
              votes.isEmpty() || approvals == votes.size() - 1L,
              "it says rejected, and not one person said no");
      case DENIED, REFUSED ->
          NotProven.unless(votes.isEmpty(), "people were not asked, and somebody answered");
      case CANCELLED ->
          NotProven.unless(approvals == votes.size(), "it says cancelled, and somebody said no");
    }
  }
}
