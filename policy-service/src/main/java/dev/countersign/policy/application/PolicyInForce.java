package dev.countersign.policy.application;

import dev.countersign.policy.domain.PolicyEngine;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The catalogue and the rules by which proposals are judged right now.
public interface PolicyInForce {

  /// Empty until both files have been good once.
  Optional<PolicyEngine> find();

  /// Another policy, tried as the files are and put into force nowhere: its examples must hold.
  ///
  /// @param tools the text of `tools.yaml`; absent where the catalogue stays as it is in force
  /// @param policy the text of `policy.yaml`
  Tried tried(@Nullable String tools, String policy);

  /// What became of another policy.
  sealed interface Tried {}

  /// It would come into force.
  record Good(PolicyEngine engine) implements Tried {}

  /// It would be refused.
  ///
  /// @param problem as `file:line: sentence`
  record Bad(String problem) implements Tried {}

  /// Why the files as they now stand are not in force, as `file:line: sentence`.
  Optional<String> problem();
}
