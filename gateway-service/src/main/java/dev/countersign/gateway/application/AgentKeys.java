package dev.countersign.gateway.application;

import dev.countersign.gateway.domain.AgentKey;
import dev.countersign.gateway.domain.Caller;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Where the hashes of agents' keys are kept. The database's clock says whether one is over.
public interface AgentKeys {

  /// What is kept of a key.
  ///
  /// @param toolsets those it is good for; null is any
  record Kept(
      String id,
      String agent,
      @Nullable String platform,
      @Nullable List<String> toolsets,
      Instant madeAt,
      Instant expiresAt,
      @Nullable Instant revokedAt) {}

  /// Keeps a new key and returns when it is over.
  Uni<Instant> insert(
      Mutiny.StatelessSession session, AgentKey key, Caller.Known agent, Duration valid);

  /// Those of these hashes whose keys are good now, and whose they are.
  Uni<Map<String, Caller.Known>> find(Mutiny.StatelessSession session, Collection<String> hashes);

  /// All there ever were, or those of one agent, the newest first.
  Uni<List<Kept>> list(Mutiny.StatelessSession session, Optional<String> agent);

  /// Whether there is such a key; it is revoked after this, now or since before.
  Uni<Boolean> revoke(Mutiny.StatelessSession session, String id);
}
