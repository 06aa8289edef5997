package dev.countersign.policy.application;

import dev.countersign.policy.domain.PolicyEngine;
import java.util.Optional;

/// The catalogue and the rules by which proposals are judged right now.
public interface PolicyInForce {

  /// Empty until both files have been good once.
  Optional<PolicyEngine> find();

  /// Why the files as they now stand are not in force, as `file:line: sentence`.
  Optional<String> problem();
}
