package dev.countersign.policy.inbound;

import dev.countersign.policy.application.PolicyInForce;
import dev.countersign.policy.application.ProposalSignatures;
import dev.countersign.policy.domain.PolicyEngine;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/// Not ready until there is a policy to judge by. A bad edit later on is told and does not make it
/// unready: the last good policy judges on.
@Readiness
@ApplicationScoped
class PolicyReadiness implements HealthCheck {

  private final PolicyInForce policy;
  private final ProposalSignatures signatures;

  @Inject
  PolicyReadiness(PolicyInForce policy, ProposalSignatures signatures) {
    this.policy = policy;
    this.signatures = signatures;
  }

  @Override
  public HealthCheckResponse call() {
    HealthCheckResponseBuilder response = HealthCheckResponse.named("policy");
    policy.problem().ifPresent(problem -> response.withData("problem", problem));
    signatures.problem().ifPresent(problem -> response.withData("problemOfSigners", problem));
    return policy
        .find()
        .map(PolicyEngine::version)
        .map(version -> response.withData("policyVersion", version.value()).up().build())
        .orElseGet(() -> response.down().build());
  }
}
