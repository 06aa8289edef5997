package dev.countersign.ticket.application;

import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.events.Precondition;
import dev.countersign.ticket.domain.Vote;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Signs grants, off the event loop.
public interface Grants {

  /// What a grant is for.
  ///
  /// @param at the database's time of the decision
  /// @param preconditions how things must still stand, as they were shown
  /// @param toolDigest that of the tool's entry in the catalogue; absent where it is not listed
  /// @param life how long it can be used, from the decision on
  record Permission(
      ActionId actionId,
      Action action,
      Digest actionDigest,
      Instant at,
      List<Vote> approvals,
      List<Precondition> preconditions,
      @Nullable Digest toolDigest,
      Duration life) {}

  /// The grants for these, in the same order, as compact JWS.
  Uni<List<String>> sign(List<Permission> permissions);
}
