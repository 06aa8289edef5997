package dev.countersign.policy.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.events.Verdict;
import dev.countersign.messaging.DeadLetter;
import dev.countersign.messaging.Handler;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.messaging.Received;
import dev.countersign.messaging.Rejected;
import dev.countersign.messaging.Trace;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/// Publishes one verdict for each action, whatever comes how often. The first proposal of an id
/// stands; the same again is already answered; another under its id is a conflict.
@ApplicationScoped
class AnswerOnce implements Handler<Judged> {

  private final ShowPreconditions preconditions;
  private final Verdicts verdicts;
  private final Outbox outbox;

  @Inject
  AnswerOnce(ShowPreconditions preconditions, Verdicts verdicts, Outbox outbox) {
    this.preconditions = preconditions;
    this.verdicts = verdicts;
    this.outbox = outbox;
  }

  @Override
  public Uni<List<Received<Judged>>> prepare(List<Received<Judged>> batch) {
    return preconditions.of(batch);
  }

  @Override
  public Uni<Void> handle(Mutiny.StatelessSession session, List<Received<Judged>> batch) {
    Map<ActionId, Received<Judged>> firsts = new LinkedHashMap<>();
    Set<ActionId> several = new HashSet<>();
    for (Received<Judged> each : batch) {
      if (firsts.putIfAbsent(id(each), each) != null) {
        several.add(id(each));
      }
    }
    return verdicts
        .keepNew(session, firsts.values().stream().map(each -> answer(each.event())).toList())
        .chain(kept -> {
          Set<ActionId> known = new HashSet<>(firsts.keySet());
          known.removeAll(kept);
          known.addAll(several);
          return verdicts
              .identities(session, known)
              .chain(identities -> publish(session, batch, kept, identities));
        });
  }

  private Uni<Void> publish(
      Mutiny.StatelessSession session,
      List<Received<Judged>> batch,
      Set<ActionId> kept,
      Map<ActionId, Digest> identities) {
    Set<ActionId> unanswered = new HashSet<>(kept);
    List<Outgoing> answers = new ArrayList<>();
    List<DeadLetter> letters = new ArrayList<>();
    for (Received<Judged> each : batch) {
      ActionId id = id(each);
      Judged judged = each.event();
      if (unanswered.remove(id)) {
        answers.add(new Outgoing(judged.verdict(), Trace.orNew(each.traceparent())));
        Rejected rejection = judged.rejection();
        if (rejection != null) {
          letters.add(DeadLetter.of(each.raw(), rejection));
        }
      } else if (!judged.identity().equals(identities.get(id))) {
        letters.add(
            new DeadLetter(
                each.raw(),
                "conflict",
                "another proposal stands under this actionId; choose a new id"));
      }
    }
    return outbox.append(session, answers).chain(() -> outbox.deadLetter(session, letters));
  }

  private static ActionId id(Received<Judged> received) {
    return received.event().verdict().actionId();
  }

  private static Verdicts.Answer answer(Judged judged) {
    String outcome =
        switch (judged.verdict()) {
          case Verdict.Allowed _ -> "allowed";
          case Verdict.ApprovalRequired _ -> "approval-required";
          case Verdict.Denied _ -> "denied";
          case Verdict.Refused _ -> "refused";
        };
    return new Verdicts.Answer(judged.verdict().actionId(), judged.identity(), outcome);
  }
}
