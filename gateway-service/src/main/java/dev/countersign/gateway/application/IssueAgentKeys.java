package dev.countersign.gateway.application;

import dev.countersign.gateway.domain.AgentKey;
import dev.countersign.gateway.domain.Caller;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/// The operator gives agents keys, and takes them away. A key is shown once and kept as its hash.
@ApplicationScoped
public class IssueAgentKeys {

  /// A key as it is shown, this once.
  public record Issued(AgentKey key, Instant expiresAt) {}

  private final Mutiny.SessionFactory sessions;
  private final AgentKeys keys;
  private final SecureRandom random = new SecureRandom();

  @Inject
  IssueAgentKeys(Mutiny.SessionFactory sessions, AgentKeys keys) {
    this.sessions = sessions;
    this.keys = keys;
  }

  public Uni<Issued> issue(Caller.Known agent, Duration valid) {
    byte[] bytes = new byte[AgentKey.RANDOM_BYTES];
    random.nextBytes(bytes);
    AgentKey key = AgentKey.of(bytes);
    return sessions
        .withStatelessTransaction(session -> keys.insert(session, key, agent, valid))
        .map(until -> new Issued(key, until));
  }

  public Uni<List<AgentKeys.Kept>> list(Optional<String> agent) {
    return sessions.withStatelessSession(session -> keys.list(session, agent));
  }

  /// From the next request on it is good for nothing. False where there is no such key.
  public Uni<Boolean> revoke(String id) {
    return sessions.withStatelessTransaction(session -> keys.revoke(session, id));
  }
}
