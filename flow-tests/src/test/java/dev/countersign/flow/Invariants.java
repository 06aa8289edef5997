package dev.countersign.flow;

import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Agent;
import dev.countersign.events.Answer;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.Execution;
import dev.countersign.events.Expired;
import dev.countersign.events.Requirement.Quorum;
import dev.countersign.events.Topics;
import dev.countersign.flow.SimulatedExecutor.Run;
import dev.countersign.flow.SimulatedExecutor.State;
import dev.countersign.flow.SimulatedSystem.Ballot;
import dev.countersign.flow.SimulatedSystem.Call;
import dev.countersign.flow.SimulatedSystem.Change;
import dev.countersign.flow.SimulatedSystem.Message;
import dev.countersign.flow.SimulatedTickets.Row;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Ticket;
import dev.countersign.ticket.domain.Vote;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Holds a run that has come to its end against safety.md. Judges by what is on the topics, in the
/// rows' histories and at the target, and computes quorums by itself: it shares no rule with the
/// code that it judges.
final class Invariants {

  /// What must hold, with its number in safety.md.
  enum Name {
    /// 2, contract: every proposal gets exactly one `decision` or `expired`.
    ONE_ANSWER,
    /// 2: what is answered or executed never changes.
    NEVER_CHANGES,
    /// 2: a cancellation that comes before the answer is the answer, unless the deadline is.
    CANCEL_IS_HEARD,
    /// 3.
    AT_MOST_ONE_EFFECT,
    /// Contract: every approved decision gets exactly one final `execution`, and no other does.
    ONE_EXECUTION,
    /// 13 with 3: no execution begins while everything is frozen.
    NOTHING_BEGINS_WHILE_FROZEN,
    /// 3: `succeeded` had its effect; `refused` and `failed` had none. What isn't sure is
    /// `unknown`.
    HONEST_OUTCOME,
    /// 4.
    TIME_IS_NO_APPROVAL,
    /// 5.
    QUORUM_OF_OTHERS,
    /// What has votes enough waits for no more of them, whoever was away when they came.
    ENOUGH_VOTES_ARE_AN_ANSWER,
    /// 6.
    BOUND_TO_WHAT_WAS_SHOWN,
    /// 1 and 7.
    DURABLE_BEFORE_EFFECT,
    /// 7 and 12: whatever was committed is in the log, once.
    IN_THE_LOG_ONCE,
    /// 8.
    SAME_ID_SAME_ACTION,
    /// 22: a trust answers for its session, tool and principal alone, so often, so much and so long
    /// as its vote said, and not once it is revoked.
    TRUST_WITHIN_ITS_BOUNDS,
    /// 22: each use is published, and names the vote behind it.
    USE_OF_TRUST_IS_TOLD,
    /// Nothing of a session is approved while somebody holds it.
    NOTHING_OF_A_HELD_SESSION
  }

  record Violation(Name name, String detail) {}

  private final SimulatedSystem system;
  private final List<Violation> violations = new ArrayList<>();
  private final Map<String, List<Message>> byTopic = new HashMap<>();

  private Invariants(SimulatedSystem system) {
    this.system = system;
  }

  static List<Violation> violatedBy(SimulatedSystem system) {
    Invariants invariants = new Invariants(system);
    invariants.proposals().forEach(invariants::checkAction);
    invariants.checkHistories();
    invariants.checkCalls();
    invariants.checkLog();
    TrustInvariants.check(system, invariants::require);
    return invariants.violations;
  }

  private void require(boolean holds, Name name, Object detail) {
    if (!holds) {
      violations.add(new Violation(name, detail.toString()));
    }
  }

  /// The first proposal of each id, which stands.
  private Map<ActionId, ActionProposed> proposals() {
    Map<ActionId, ActionProposed> first = new LinkedHashMap<>();
    for (Message message : records(Topics.ACTION_PROPOSED)) {
      first.putIfAbsent(message.event().actionId(), (ActionProposed) message.event());
    }
    return first;
  }

  /// A topic's records as consumers take them: each `ce_id` once, the forger's left out.
  private List<Message> records(String topic) {
    return byTopic.computeIfAbsent(topic, this::read);
  }

  private List<Message> read(String topic) {
    Map<String, Message> records = new LinkedHashMap<>();
    system.partitions(topic).stream()
        .flatMap(List::stream)
        .filter(Message::isGenuine)
        .forEach(each -> records.putIfAbsent(each.id(), each));
    return List.copyOf(records.values());
  }

  private List<Message> about(ActionId id, String topic) {
    return records(topic).stream().filter(each -> each.event().actionId().equals(id)).toList();
  }

  private void checkAction(ActionId id, ActionProposed proposal) {
    List<Message> answers = new ArrayList<>(about(id, Topics.DECISION));
    answers.addAll(about(id, Topics.EXPIRED));
    require(answers.size() == 1, Name.ONE_ANSWER, answers);
    boolean approved = false;
    for (Message answer : answers) {
      switch (answer.event()) {
        case Decision it when it.outcome() == Decision.Outcome.APPROVED -> {
          approved = true;
          require(proposal.digest().equals(it.actionDigest()), Name.SAME_ID_SAME_ACTION, it);
          require(!system.tickets.heard.contains(id), Name.CANCEL_IS_HEARD, it);
        }
        case Decision it ->
            require(
                !system.tickets.heard.contains(id) || it.outcome() == Decision.Outcome.CANCELLED,
                Name.CANCEL_IS_HEARD,
                it);
        case Expired _ -> {}
        default -> throw new IllegalStateException("no answer: " + answer);
      }
    }
    Set<Digest> judged =
        system.policy.rows.history.getOrDefault(id, List.of()).stream()
            .map(Change::row)
            .collect(Collectors.toSet());
    require(judged.equals(Set.of(proposal.digest())), Name.SAME_ID_SAME_ACTION, judged);
    List<Message> executions = about(id, Topics.EXECUTION);
    // What a backup that was put back had not, may be answered again: `unknown`, and said why.
    long ends =
        executions.stream()
            .map(each -> ((Execution) each.event()).reason())
            .filter(reason -> reason == null || !reason.code().equals("restored"))
            .count();
    require(
        executions.isEmpty() != approved && ends <= 1, Name.ONE_EXECUTION, id + " " + executions);
    executions.forEach(each -> checkOutcome((Execution) each.event()));
  }

  private void checkOutcome(Execution execution) {
    boolean called = system.calls.stream().anyMatch(it -> it.id().equals(execution.actionId()));
    boolean honest =
        switch (execution.status()) {
          case SUCCEEDED -> called;
          case FAILED, REFUSED, PRECONDITION_FAILED -> !called;
          case UNKNOWN -> true;
        };
    require(honest, Name.HONEST_OUTCOME, execution);
  }

  private void checkHistories() {
    system.tickets.rows.history.forEach((id, changes) -> {
      long answers = changes.stream().filter(each -> each.row().isAnswer()).count();
      require(
          answers <= 1 && (answers == 0 || changes.getLast().row().isAnswer()),
          Name.NEVER_CHANGES,
          changes);
      changes.forEach(change -> {
        if (change.row() instanceof Row.Filed(Ticket.Approved it, Question question)) {
          checkApproval(change, it, question);
        }
      });
      system.tickets.judged.forEach(at -> checkWaits(changes, at));
    });
    for (List<Change<Run>> changes : system.executor.rows.history.values()) {
      changes.stream()
          .filter(each -> each.row().state() == State.STARTED)
          .forEach(each ->
              require(
                  system.executor.freezes.stream().noneMatch(it -> it.holds(each.at())),
                  Name.NOTHING_BEGINS_WHILE_FROZEN,
                  each));
      long ends = changes.stream().filter(each -> each.row().state() == State.DONE).count();
      require(
          ends <= 1 && (ends == 0 || changes.getLast().row().state() == State.DONE),
          Name.NEVER_CHANGES,
          changes);
    }
  }

  private void checkApproval(Change<Row> change, Ticket.Approved approved, Question question) {
    require(change.at().isBefore(question.expiresAt()), Name.TIME_IS_NO_APPROVAL, approved);
    // The vote behind a use was given on another action, and what it must be is said elsewhere.
    ActionId votedOn = approved.trust() == null ? approved.actionId() : approved.trust();
    Map<String, Set<String>> roster = system.rosters.floorEntry(change.at()).getValue();
    String requester = question.action().agent().onBehalfOf();
    Set<String> voters = new HashSet<>();
    for (Vote vote : approved.votes()) {
      boolean counts = !vote.approver().equals(requester) && roster.containsKey(vote.approver());
      require(counts && voters.add(vote.approver()), Name.QUORUM_OF_OTHERS, approved);
      require(
          system.ballots.stream().anyMatch(it -> cast(it, vote, votedOn)),
          Name.BOUND_TO_WHAT_WAS_SHOWN,
          vote);
    }
    List<Set<String>> groups =
        voters.stream().map(each -> roster.getOrDefault(each, Set.of())).toList();
    List<Quorum> seats = seats(question);
    require(
        !seats.isEmpty() && canFill(seats, groups, new HashSet<>()),
        Name.QUORUM_OF_OTHERS,
        approved);
  }

  /// That nothing waited on after a sweep with votes that filled its seats then.
  private void checkWaits(List<Change<Row>> changes, Instant sweep) {
    Row left =
        changes.stream()
            .takeWhile(each -> !each.at().isAfter(sweep))
            .reduce((_, later) -> later)
            .map(Change::row)
            .orElse(null);
    if (left instanceof Row.Filed(Ticket.Pending pending, Question question)) {
      Agent agent = question.action().agent();
      Map<String, Set<String>> roster = system.rosters.floorEntry(sweep).getValue();
      List<Set<String>> groups =
          pending.votes().stream()
              .map(Vote::approver)
              .filter(each -> !each.equals(agent.onBehalfOf()))
              .distinct()
              .map(each -> roster.getOrDefault(each, Set.of()))
              .toList();
      boolean held =
          system.tickets.holds.all.stream().anyMatch(it -> it.covers(agent.session(), sweep));
      require(
          held || !canFill(seats(question), groups, new HashSet<>()),
          Name.ENOUGH_VOTES_ARE_AN_ANSWER,
          pending);
    }
  }

  private static List<Quorum> seats(Question question) {
    List<Quorum> seats = new ArrayList<>();
    for (Quorum quorum : question.requirement().quorums()) {
      for (int i = 0; i < quorum.count(); i++) {
        seats.add(quorum);
      }
    }
    return seats;
  }

  private static boolean cast(Ballot ballot, Vote vote, ActionId id) {
    return ballot.id().equals(id)
        && ballot.approver().equals(vote.approver())
        && ballot.answer() == Answer.APPROVE
        && ballot.at().equals(vote.at())
        && ballot.sawIt()
        && ballot.typedIt();
  }

  /// By trying all ways to seat them.
  private static boolean canFill(List<Quorum> seats, List<Set<String>> people, Set<Integer> taken) {
    if (taken.size() == seats.size()) {
      return true;
    }
    Quorum seat = seats.get(taken.size());
    for (int person = 0; person < people.size(); person++) {
      if (seat.groups().stream().anyMatch(people.get(person)::contains) && taken.add(person)) {
        if (canFill(seats, people, taken)) {
          return true;
        }
        taken.remove(person);
      }
    }
    return false;
  }

  private void checkCalls() {
    Map<ActionId, ActionProposed> proposals = proposals();
    Set<ActionId> once = new HashSet<>();
    for (Call call : system.calls) {
      require(call.decided(), Name.DURABLE_BEFORE_EFFECT, call);
      require(
          once.add(call.id()) || SimulatedSystem.IDEMPOTENT.contains(call.tool()),
          Name.AT_MOST_ONE_EFFECT,
          call);
      ActionProposed proposal = proposals.get(call.id());
      require(
          proposal != null && proposal.digest().equals(call.digest()),
          Name.SAME_ID_SAME_ACTION,
          call);
    }
  }

  private void checkLog() {
    List<String> logged = system.log.entries.stream().map(Message::id).toList();
    Set<String> once = new HashSet<>(logged);
    require(once.size() == logged.size(), Name.IN_THE_LOG_ONCE, "something is there twice");
    system.topics.values().stream()
        .flatMap(List::stream)
        .flatMap(List::stream)
        .forEach(each -> require(once.contains(each.id()), Name.IN_THE_LOG_ONCE, each));
    system.services.stream()
        .flatMap(each -> each.written.stream())
        .forEach(each -> require(once.contains(each.id()), Name.IN_THE_LOG_ONCE, each));
  }
}
