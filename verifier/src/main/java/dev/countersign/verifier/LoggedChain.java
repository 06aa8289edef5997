package dev.countersign.verifier;

import dev.countersign.events.ActionProposed;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.Event;
import dev.countersign.events.Execution;
import dev.countersign.events.Requirement;
import dev.countersign.events.Shown;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.verifier.AttestationVerifier.Attested;
import dev.countersign.verifier.LoggedEvents.Logged;
import dev.countersign.verifier.PermissionVerifier.Permission;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Whether what nobody signs goes with what was permitted: of the proposals, verdicts, questions
/// and executions that the log has, one each must. Others beside it anybody may have written.
final class LoggedChain {

  private final LoggedEvents events;
  private final @Nullable Logged<Decision> permitted;
  private final @Nullable Permission permission;
  private boolean incomplete;

  LoggedChain(
      LoggedEvents events, @Nullable Logged<Decision> permitted, @Nullable Permission permission) {
    this.events = events;
    this.permitted = permitted;
    this.permission = permission;
  }

  /// Throws with the first that does not.
  void check() throws NotProven {
    List<Logged<ActionProposed>> proposals =
        events.of(Topics.ACTION_PROPOSED, ActionProposed.class);
    List<Logged<Verdict>> verdicts = events.of(Topics.VERDICT, Verdict.class);
    List<Logged<TicketOpened>> questions = events.of(Topics.TICKET_OPENED, TicketOpened.class);
    List<Logged<Execution>> executions = events.of(Topics.EXECUTION, Execution.class);
    if (permission == null || permitted == null) {
      incomplete = events.erased(Topics.TICKET_OPENED) || events.erased(Topics.EXECUTION);
      if (!events.erased(Topics.DECISION)) {
        mustNotHaveRun(executions);
      }
      return;
    }
    long index = permitted.index();
    oneOf(Topics.ACTION_PROPOSED, proposals, index, each -> unlike(each, permission));
    oneOf(Topics.VERDICT, verdicts, index, each -> unlike(each, permission));
    if (permission.decision().basis() == Decision.Basis.VOTES) {
      if (questions.isEmpty() && !events.erased(Topics.TICKET_OPENED)) {
        throw NotProven.at(index, "people approved what the log never asked them");
      }
      oneOf(Topics.TICKET_OPENED, questions, index, each -> unlike(each, permission));
    }
    long first = executions.isEmpty() ? index : executions.getFirst().index();
    oneOf(Topics.EXECUTION, executions, first, each -> unlike(each, permission));
  }

  /// Whether something is gone that may have spoken against it.
  boolean incomplete() {
    return incomplete;
  }

  /// One of them goes with it, where there are any; what was erased may have, or not.
  ///
  /// @param unlike why one does not go with it; empty where it does
  private <T extends Event> void oneOf(
      String topic, List<Logged<T>> all, long index, Function<T, Optional<String>> unlike)
      throws NotProven {
    String first = null;
    boolean found = false;
    for (Logged<T> each : all) {
      Optional<String> why = whyNot(unlike, each.event());
      found |= why.isEmpty();
      if (why.isPresent()) {
        first = first == null ? why.get() : first;
        events.ignore(each.index(), why.get());
      }
    }
    if (found) {
      return;
    }
    if (events.erased(topic)) {
      incomplete = true;
    } else if (first != null) {
      throw NotProven.at(index, first);
    }
  }

  private static <T> Optional<String> whyNot(Function<T, Optional<String>> unlike, T event) {
    try {
      return unlike.apply(event);
    } catch (IllegalArgumentException e) {
      // Whoever has the topic may have proposed what has no digest.
      return Optional.of(Shown.text(String.valueOf(e.getMessage())));
    }
  }

  private static Optional<String> unlike(ActionProposed proposal, Permission permission) {
    return proposal.digest().equals(permission.grant().actionDigest())
            && Objects.equals(proposal.agent().session(), permission.action().agent().session())
        ? Optional.empty()
        : Optional.of("what was proposed is another action, or another session's");
  }

  private static Optional<String> unlike(Verdict verdict, Permission permission) {
    Digest judged =
        switch (verdict) {
          case Verdict.Allowed it -> it.actionDigest();
          case Verdict.ApprovalRequired it -> it.actionDigest();
          case Verdict.Denied _, Verdict.Refused _ -> null;
        };
    return permission.grant().actionDigest().equals(judged)
        ? Optional.empty()
        : Optional.of("the policy judged another action, or did not let it be approved");
  }

  private static Optional<String> unlike(TicketOpened question, Permission permission) {
    Requirement requirement = question.requirement();
    List<Attested> votes = permission.votes();
    if (votes.size() < requirement.votesNeeded()) {
      return Optional.of(
          "the policy asked for "
              + requirement.votesNeeded()
              + " approvals, and "
              + votes.stream()
                  .map(each -> Shown.text(each.vote().approver()))
                  .collect(Collectors.joining(", "))
              + " alone gave theirs");
    }
    return votes.stream()
            .allMatch(each -> each.vote().assurance().satisfies(requirement.assurance()))
        ? Optional.empty()
        : Optional.of("an approval is weaker than the policy asked for");
  }

  private static Optional<String> unlike(Execution execution, Permission permission) {
    if (!execution.actionDigest().equals(permission.grant().actionDigest())) {
      return Optional.of("what was executed is another action than what was decided on");
    }
    Instant started = execution.startedAt();
    return started == null || permission.covers(started)
        ? Optional.empty()
        : Optional.of("it was executed at another time than it was permitted for");
  }

  /// Without a permission nothing has an effect, whoever says so.
  private static void mustNotHaveRun(List<Logged<Execution>> executions) throws NotProven {
    for (Logged<Execution> each : executions) {
      if (each.event().status() != Execution.Status.REFUSED) {
        throw NotProven.at(
            each.index(), "it was executed, and nothing in the log proves a permission");
      }
    }
  }
}
