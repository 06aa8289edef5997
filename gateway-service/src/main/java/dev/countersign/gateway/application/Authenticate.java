package dev.countersign.gateway.application;

import dev.countersign.events.Tool;
import dev.countersign.gateway.domain.AgentKey;
import dev.countersign.gateway.domain.Caller;
import dev.countersign.messaging.Batches;
import dev.countersign.messaging.Unavailable;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Finds out who calls by what they prove it with: a key, a token, a certificate, or the operator's
/// secret. A credential that is sent must be good: none falls back to being nobody.
@ApplicationScoped
public class Authenticate {

  /// Who proposes what the operator asks for by `./countersign`: to lift a freeze, and nothing
  /// else.
  public static final Caller.Known OPERATOR =
      new Caller.Known("countersign-operator", null, Set.of(Tool.LIFT_FREEZE.toolset()));

  private static final int LARGEST_BATCH = 500;

  public sealed interface Outcome {
    record Proven(Caller.Known agent) implements Outcome {}

    /// @param sentence why, and what to send
    record Refused(String sentence) implements Outcome {}
  }

  private record Asked(String hash, CompletableFuture<Optional<Caller.Known>> answer) {}

  private final Mutiny.SessionFactory sessions;
  private final AgentKeys keys;
  private final Tokens tokens;
  private final Optional<String> operatorSecret;
  private final Batches<Asked> lookups;

  @Inject
  Authenticate(
      Mutiny.SessionFactory sessions,
      AgentKeys keys,
      Tokens tokens,
      @ConfigProperty(name = "countersign.operator.secret") Optional<String> operatorSecret,
      Vertx vertx) {
    this.sessions = sessions;
    this.keys = keys;
    this.tokens = tokens;
    this.operatorSecret = operatorSecret.filter(it -> !it.isBlank());
    this.lookups = new Batches<>(vertx, LARGEST_BATCH, this::look);
  }

  /// Whether this is the operator's secret; without one set, nothing is.
  public boolean isOperator(String bearer) {
    return operatorSecret.isPresent()
        && MessageDigest.isEqual(bytes(operatorSecret.get()), bytes(bearer));
  }

  /// Fails with {@link Unavailable} where it can't be told now.
  ///
  /// @param bearer what stands behind `Bearer` in the request's one `Authorization`
  /// @param certified the agent that a client certificate names
  public Uni<Outcome> authenticate(@Nullable String bearer, Caller.@Nullable Known certified) {
    if (bearer == null) {
      return Uni.createFrom()
          .item(
              certified == null
                  ? new Outcome.Refused("no credential was sent")
                  : new Outcome.Proven(certified));
    }
    return borne(bearer).map(outcome -> agreed(outcome, certified));
  }

  private Uni<Outcome> borne(String bearer) {
    if (isOperator(bearer)) {
      return Uni.createFrom().item(new Outcome.Proven(OPERATOR));
    }
    if (AgentKey.isOne(bearer)) {
      return find(new AgentKey(bearer).hash())
          .map(found ->
              found
                  .<Outcome>map(Outcome.Proven::new)
                  .orElseGet(() ->
                      new Outcome.Refused(
                          "the key is unknown, revoked or over; ask the operator for another"
                              + " (./countersign agent-key)")));
    }
    return tokens
        .check(bearer)
        .map(checked ->
            switch (checked) {
              case Tokens.Checked.Good it -> new Outcome.Proven(it.agent());
              case Tokens.Checked.Bad it -> new Outcome.Refused(it.sentence());
            });
  }

  /// Who proves two things is one agent by both of them, or nobody.
  private static Outcome agreed(Outcome borne, Caller.@Nullable Known certified) {
    return switch (borne) {
      case Outcome.Refused it -> it;
      case Outcome.Proven it when certified == null || it.agent().id().equals(certified.id()) -> it;
      case Outcome.Proven _ ->
          new Outcome.Refused("the client certificate and the bearer are two agents'; send one");
    };
  }

  private Uni<Optional<Caller.Known>> find(String hash) {
    Asked asked = new Asked(hash, new CompletableFuture<>());
    lookups.add(asked);
    return Uni.createFrom().completionStage(asked.answer);
  }

  // Asked for at each request, many at a time, and remembered by nobody: revoked is revoked.
  private Uni<Void> look(List<Asked> batch) {
    Set<String> hashes = batch.stream().map(Asked::hash).collect(Collectors.toSet());
    return sessions
        .withStatelessSession(session -> keys.find(session, hashes))
        .invoke((Map<String, Caller.Known> found) ->
            batch.forEach(it -> it.answer.complete(Optional.ofNullable(found.get(it.hash)))))
        .replaceWithVoid()
        .onFailure()
        .recoverWithItem(failure -> {
          Unavailable away = new Unavailable("the key could not be looked up", failure);
          batch.forEach(it -> it.answer.completeExceptionally(away));
          return null;
        });
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
