package dev.countersign.gateway.application;

import dev.countersign.events.Digest;
import dev.countersign.events.Execution;
import dev.countersign.gateway.domain.Progress;
import dev.countersign.gateway.domain.TargetResponse;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;

/// Gets an action's proposer what the target answered. It is on no topic and in no table of ours:
/// the executor is asked, and its answer is held against the digest that the execution has, which
/// the audit log vouches for.
@ApplicationScoped
public class ReadResponse {

  private final Responses responses;

  @Inject
  ReadResponse(Responses responses) {
    this.responses = responses;
  }

  /// Empty where there is none, or none that is meant for agents.
  public Uni<Optional<TargetResponse>> of(Progress progress) {
    Optional<Digest> digest = digest(progress);
    return digest.isEmpty()
        ? Uni.createFrom().item(Optional.empty())
        : responses.find(progress.actionId()).map(kept -> response(kept, digest.get()));
  }

  private static Optional<Digest> digest(Progress progress) {
    Execution execution = progress.execution();
    if (execution == null || progress.isConflict() || execution.reportedBy() != null) {
      return Optional.empty();
    }
    Execution.Result result = execution.result();
    return result == null ? Optional.empty() : Optional.ofNullable(result.digest());
  }

  private static Optional<TargetResponse> response(Responses.Kept kept, Digest digest) {
    return switch (kept) {
      case Responses.Kept.Body it ->
          Optional.of(TargetResponse.of(it.contentType(), it.body(), digest));
      case Responses.Kept.Gone it -> Optional.of(TargetResponse.missing(digest, it.why()));
      case Responses.Kept.Nothing _ -> Optional.empty();
    };
  }
}
