package dev.countersign.audit.application;

import dev.countersign.events.ActionId;
import dev.countersign.verifier.EvidenceFile;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/// An action's evidence as one file.
public interface FindEvidence {

  /// All of an action's entries, proven to one checkpoint; empty where there are none. Where the
  /// newest of them are not cosigned yet, it waits for that, for some seconds.
  Uni<Optional<EvidenceFile>> find(ActionId actionId);
}
