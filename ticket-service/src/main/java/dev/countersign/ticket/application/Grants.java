package dev.countersign.ticket.application;

import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.ticket.domain.Vote;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.List;

/// Signs grants, off the event loop.
public interface Grants {

  /// What a grant is for. `at` is the database's time of the decision.
  record Permission(
      ActionId actionId, Action action, Digest actionDigest, Instant at, List<Vote> approvals) {}

  /// The grants for these, in the same order, as compact JWS.
  Uni<List<String>> sign(List<Permission> permissions);
}
