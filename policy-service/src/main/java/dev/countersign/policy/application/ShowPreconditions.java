package dev.countersign.policy.application;

import dev.countersign.events.Action;
import dev.countersign.events.Reason;
import dev.countersign.events.Verdict;
import dev.countersign.messaging.Laggards;
import dev.countersign.messaging.Received;
import dev.countersign.messaging.Unavailable;
import dev.countersign.policy.application.Preconditions.Found;
import dev.countersign.policy.application.Preconditions.Reading;
import dev.countersign.policy.application.Preconditions.Unreadable;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// Puts into a prompt how things stand that the action rests on. What can't be read can't be shown,
/// and what can't be shown is refused. An executor that restarts is waited for, a minute at most;
/// one that stays away does not hold up what needs nothing of it.
@ApplicationScoped
public class ShowPreconditions {

  private static final Logger LOG = Logger.getLogger(ShowPreconditions.class);
  private static final Duration FIRST_AGAIN = Duration.ofMillis(100);
  private static final Duration SLOWEST_AGAIN = Duration.ofSeconds(2);
  private static final String EXECUTOR = "executor";
  private static final Reading AWAY =
      new Unreadable(
          new Reason(
              "precondition-unreadable",
              "What it rests on could not be read: the executor is away. Propose it anew."));

  private final Preconditions preconditions;
  private final Duration patience;
  private final Laggards<String> away = new Laggards<>(Duration.ZERO);

  @Inject
  ShowPreconditions(
      Preconditions preconditions,
      @ConfigProperty(name = "countersign.executor.patience") Duration patience) {
    this.preconditions = preconditions;
    this.patience = patience;
  }

  /// The same verdicts, each question with what its action rests on.
  Uni<List<Received<Judged>>> of(List<Received<Judged>> batch) {
    List<Verdict.ApprovalRequired> questions = new ArrayList<>();
    for (Received<Judged> each : batch) {
      if (rests(each.event())) {
        questions.add((Verdict.ApprovalRequired) each.event().verdict());
      }
    }
    if (questions.isEmpty()) {
      return Uni.createFrom().item(batch);
    }
    List<Reading> unread = Collections.nCopies(questions.size(), AWAY);
    return away.ask(EXECUTOR, waitFor(questions, unread), unread::equals, unread)
        .map(readings -> replaced(batch, shown(questions, readings).iterator()));
  }

  private Uni<List<Reading>> waitFor(
      List<Verdict.ApprovalRequired> questions, List<Reading> unread) {
    return preconditions
        .read(actions(questions))
        // A restart is waited for. Beyond it those behind these have waited long enough.
        .onFailure(Unavailable.class)
        .retry()
        .withBackOff(FIRST_AGAIN, SLOWEST_AGAIN)
        .expireIn(patience.toMillis())
        .onFailure(failure -> !(failure instanceof VirtualMachineError))
        .recoverWithItem(failure -> {
          LOG.errorf(failure, "Nobody read what actions rest on count=%d", questions.size());
          return unread;
        });
  }

  /// The same verdict, with what its action rests on where that is a question of people.
  public Uni<Verdict> of(Verdict verdict) {
    return verdict instanceof Verdict.ApprovalRequired question
        ? preconditions
            .read(actions(List.of(question)))
            .map(readings -> shown(question, readings.getFirst()))
        : Uni.createFrom().item(verdict);
  }

  private static boolean rests(Judged judged) {
    return judged.rests() && judged.verdict() instanceof Verdict.ApprovalRequired;
  }

  private static List<Received<Judged>> replaced(
      List<Received<Judged>> batch, Iterator<Verdict> shown) {
    return batch.stream()
        .map(each ->
            rests(each.event())
                ? new Received<>(
                    new Judged(
                        shown.next(),
                        each.event().identity(),
                        each.event().rests(),
                        each.event().rejection()),
                    each.traceparent(),
                    each.raw())
                : each)
        .toList();
  }

  private static List<Action> actions(List<Verdict.ApprovalRequired> questions) {
    return questions.stream().map(Verdict.ApprovalRequired::action).toList();
  }

  private static List<Verdict> shown(
      List<Verdict.ApprovalRequired> questions, List<Reading> readings) {
    List<Verdict> shown = new ArrayList<>(questions.size());
    for (int i = 0; i < questions.size(); i++) {
      shown.add(shown(questions.get(i), readings.get(i)));
    }
    return shown;
  }

  private static Verdict shown(Verdict.ApprovalRequired question, Reading reading) {
    return switch (reading) {
      case Found found ->
          found.preconditions().isEmpty()
              ? refused(
                  question,
                  new Reason(
                      "precondition-undeclared",
                      "It needs approval, and tools.yaml says that it rests on preconditions, but its"
                          + " connector names none; ask the operator to declare them in"
                          + " connectors.yaml."))
              : question.restingOn(found.preconditions());
      case Unreadable unreadable -> refused(question, unreadable.reason());
    };
  }

  private static Verdict refused(Verdict.ApprovalRequired question, Reason reason) {
    return new Verdict.Refused(question.actionId(), question.at(), question.actionDigest(), reason);
  }
}
