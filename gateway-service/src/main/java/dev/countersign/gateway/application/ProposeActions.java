package dev.countersign.gateway.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Batch;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.gateway.domain.Origin;
import dev.countersign.gateway.domain.Progress;
import dev.countersign.messaging.Batches;
import dev.countersign.messaging.Failures;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.messaging.Trace;
import dev.countersign.messaging.Unavailable;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Takes proposals in: row and `action-proposed` commit together, many proposals in one
/// transaction. If the process dies before the commit, the proposer has had no answer and sends
/// again under the same id; after it, the relay publishes.
@ApplicationScoped
public class ProposeActions {

  /// What a proposer is told.
  public sealed interface Outcome {
    Progress progress();

    /// It is durable, or was so already: the same id with the same digest is the same action.
    record Taken(Progress progress) implements Outcome {}

    /// The id stands for another action, whose progress this is.
    record Conflict(Progress progress) implements Outcome {}
  }

  private static final int LARGEST_BATCH = 500;

  private record Asked(
      ActionProposed proposal,
      Digest digest,
      String traceparent,
      CompletableFuture<Outcome> answer) {

    ActionId actionId() {
      return proposal.actionId();
    }

    Origin origin() {
      return Origin.of(proposal.agent(), proposal.tool());
    }

    @Nullable String batchId() {
      Batch batch = proposal.batch();
      return batch == null ? null : batch.id();
    }
  }

  private final Mutiny.SessionFactory sessions;
  private final Actions actions;
  private final Outbox outbox;
  private final ProposalSigner signer;
  private final Vertx vertx;
  private final Batches<Asked> batches;

  @Inject
  ProposeActions(
      Mutiny.SessionFactory sessions,
      Actions actions,
      Outbox outbox,
      ProposalSigner signer,
      Vertx vertx) {
    this.sessions = sessions;
    this.actions = actions;
    this.outbox = outbox;
    this.signer = signer;
    this.vertx = vertx;
    this.batches = new Batches<>(vertx, LARGEST_BATCH, this::take);
  }

  /// Answers when the proposal is durable. Fails with {@link Unavailable} where the database is
  /// away: whether it is durable is then unknown, and sending it again under the same id is safe.
  public Uni<Outcome> propose(ActionProposed proposal, @Nullable String traceparent) {
    Asked asked =
        new Asked(proposal, proposal.digest(), Trace.orNew(traceparent), new CompletableFuture<>());
    batches.add(asked);
    return Uni.createFrom().completionStage(asked.answer);
  }

  /// Those of these ids that can't become part of this batch: they are taken, and not by what was
  /// proposed in it before. Fails with {@link Unavailable} where the database is away.
  public Uni<Set<ActionId>> outside(String batch, Set<ActionId> ids) {
    return sessions
        .withStatelessSession(session -> actions.outside(session, batch, ids))
        .onFailure(Failures::isAway)
        .transform(it -> new Unavailable("which ids are taken could not be read", it));
  }

  private Uni<Void> take(List<Asked> batch) {
    Map<ActionId, Asked> firsts = new LinkedHashMap<>();
    batch.forEach(it -> firsts.putIfAbsent(it.actionId(), it));
    return signatures(firsts)
        .chain(signatures ->
            sessions.withStatelessTransaction(session -> insert(session, firsts, signatures)))
        .invoke(known -> batch.forEach(it -> it.answer.complete(answer(it, known))))
        .replaceWithVoid()
        .onFailure()
        .recoverWithItem(failure -> {
          Unavailable away =
              new Unavailable("the proposal could not be signed and stored", failure);
          batch.forEach(it -> it.answer.completeExceptionally(away));
          return null;
        });
  }

  /// Before the transaction and beside the event loop: each takes a while.
  private Uni<Map<ActionId, String>> signatures(Map<ActionId, Asked> firsts) {
    if (!signer.present()) {
      return Uni.createFrom().item(Map.of());
    }
    return Uni.createFrom()
        .completionStage(() ->
            vertx
                .executeBlocking(
                    () -> {
                      Map<ActionId, String> signatures = new HashMap<>();
                      firsts.forEach((id, it) ->
                          signatures.put(id, signer.sign(EventJson.write(it.proposal))));
                      return signatures;
                    },
                    false)
                .toCompletionStage());
  }

  private Uni<Map<ActionId, Progress>> insert(
      Mutiny.StatelessSession session,
      Map<ActionId, Asked> firsts,
      Map<ActionId, String> signatures) {
    List<Actions.Proposal> proposals = new ArrayList<>();
    firsts.forEach((id, it) ->
        proposals.add(
            new Actions.Proposal(id, it.origin(), it.digest, it.traceparent, it.batchId())));
    return actions
        .insert(session, proposals)
        .call(inserted -> publish(session, firsts, signatures, inserted))
        .chain(inserted -> progress(session, firsts, inserted));
  }

  private Uni<Void> publish(
      Mutiny.StatelessSession session,
      Map<ActionId, Asked> firsts,
      Map<ActionId, String> signatures,
      Set<ActionId> inserted) {
    List<Outgoing> proposed = new ArrayList<>();
    firsts.forEach((id, it) -> {
      if (inserted.contains(id)) {
        proposed.add(new Outgoing(it.proposal, it.traceparent, signatures.get(id)));
      }
    });
    return outbox.append(session, proposed);
  }

  private Uni<Map<ActionId, Progress>> progress(
      Mutiny.StatelessSession session, Map<ActionId, Asked> firsts, Set<ActionId> inserted) {
    Map<ActionId, Progress> known = new HashMap<>();
    Map<ActionId, Long> others = new HashMap<>();
    firsts.forEach((id, it) -> {
      if (inserted.contains(id)) {
        known.put(id, Progress.received(id, it.origin(), it.digest));
      } else {
        others.put(id, 0L);
      }
    });
    if (others.isEmpty()) {
      return Uni.createFrom().item(known);
    }
    return actions
        .find(session, others)
        .invoke(found -> found.forEach(it -> known.put(it.actionId(), it)))
        .replaceWith(known);
  }

  private static Outcome answer(Asked asked, Map<ActionId, Progress> known) {
    Progress progress = known.get(asked.actionId());
    if (progress == null) {
      throw new IllegalStateException("an action is never deleted: " + asked.actionId());
    }
    return asked.digest.equals(progress.actionDigest())
        ? new Outcome.Taken(progress)
        : new Outcome.Conflict(progress);
  }
}
