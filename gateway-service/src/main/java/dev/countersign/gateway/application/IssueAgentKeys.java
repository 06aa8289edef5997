package dev.countersign.gateway.application;

import dev.countersign.gateway.domain.AgentKey;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.messaging.Failures;
import dev.countersign.messaging.Unavailable;
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

  /// Fails with {@link Unavailable} where the database is away: whether there is a key now is not
  /// certain, and nobody has seen it.
  public Uni<Issued> issue(Caller.Known agent, Duration valid) {
    byte[] bytes = new byte[AgentKey.RANDOM_BYTES];
    random.nextBytes(bytes);
    AgentKey key = AgentKey.of(bytes);
    return sessions
        .withStatelessTransaction(session -> keys.insert(session, key, agent, valid))
        .onFailure(Failures::isAway)
        .transform(it -> new Unavailable("whether the key was made is not certain", it))
        .map(until -> new Issued(key, until));
  }

  public Uni<List<AgentKeys.Kept>> list(Optional<String> agent) {
    return sessions
        .withStatelessSession(session -> keys.list(session, agent))
        .onFailure(Failures::isAway)
        .transform(it -> new Unavailable("the keys could not be read", it));
  }

  /// From the next request on it is good for nothing. False where there is no such key.
  public Uni<Boolean> revoke(String id) {
    return sessions
        .withStatelessTransaction(session -> keys.revoke(session, id))
        .onFailure(Failures::isAway)
        .transform(it -> new Unavailable("whether the key is revoked is not certain", it));
  }
}
