package dev.countersign.policy.application;

import dev.countersign.messaging.Envelope;
import dev.countersign.messaging.Rejected;
import dev.countersign.policy.domain.Signer;
import java.util.Optional;

/// Who has signed what came off the topic (docs/agents.md).
public interface ProposalSignatures {

  /// Whether nothing is judged that nobody has signed.
  boolean required();

  /// What is wrong with what says who may sign, where the last that was good stays in force.
  Optional<String> problem();

  /// Who has signed this, byte for byte; anybody where nobody has to. Throws where it is not
  /// signed, or by nobody whom the operator has named.
  Signer of(Envelope envelope) throws Rejected;
}
