package dev.countersign.flow;

import dev.countersign.events.Action;
import dev.countersign.events.ActionCancelled;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.Event;
import dev.countersign.events.Expired;
import dev.countersign.events.Topics;
import dev.countersign.events.Verdict;
import dev.countersign.flow.SimulatedSystem.Message;
import dev.countersign.flow.SimulatedSystem.Table;
import dev.countersign.ticket.domain.Command;
import dev.countersign.ticket.domain.Opening;
import dev.countersign.ticket.domain.Outcome;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Ticket;
import dev.countersign.ticket.domain.TicketMachine;
import dev.countersign.ticket.domain.TrustOffer;
import dev.countersign.verifier.Grant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The real machine, its rows, and what is trusted and held.
final class SimulatedTickets extends SimulatedService {

  /// What the ticket service has on file under an id.
  sealed interface Row {

    default boolean isAnswer() {
      return switch (this) {
        case TakenBack _ -> false;
        case AtOnce _ -> true;
        case Filed it -> !(it.ticket() instanceof Ticket.Pending);
      };
    }

    /// Taken back before its verdict came.
    record TakenBack() implements Row {}

    /// Answered with its verdict.
    record AtOnce(Decision decision) implements Row {}

    record Filed(Ticket ticket, Question question) implements Row {}
  }

  final Table<Row> rows = new Table<>();
  final SimulatedTrust trust = new SimulatedTrust(this);
  final SimulatedHolds holds = new SimulatedHolds(this);

  /// Whose cancellation came in time.
  final Set<ActionId> heard = new HashSet<>();

  /// When tickets were judged anew.
  final List<Instant> judged = new ArrayList<>();

  SimulatedTickets(SimulatedSystem system) {
    super(system, "ticket", List.of(Topics.VERDICT, Topics.ACTION_CANCELLED));
  }

  @Override
  void handle(Message message) {
    switch (message.event()) {
      case Verdict verdict -> file(verdict);
      case ActionCancelled cancelled -> cancel(cancelled.actionId());
      case Event other -> throw new IllegalStateException("not read here: " + other.topic());
    }
  }

  private void file(Verdict verdict) {
    ActionId id = verdict.actionId();
    Optional<Row> known = rows.find(id);
    if (known.isPresent() && known.get() instanceof Row.TakenBack) {
      answerAtOnce(system.decision(id, Decision.Outcome.CANCELLED, "cancelled", null, null, null));
    } else if (known.isEmpty() || system.defect == Defect.TICKET_OPENS_AGAIN_ON_REDELIVERY) {
      answer(verdict);
    }
  }

  private void answer(Verdict verdict) {
    ActionId id = verdict.actionId();
    if (holds.refuses(verdict)) {
      answerAtOnce(system.decision(id, Decision.Outcome.REFUSED, "session-held", null, null, null));
      return;
    }
    switch (verdict) {
      case Verdict.Allowed it ->
          answerAtOnce(system.decision(id, it.action(), sign(id, it.action(), it.actionDigest())));
      case Verdict.Denied it ->
          answerAtOnce(
              system.decision(
                  id, Decision.Outcome.DENIED, "denied", it.actionDigest(), null, null));
      case Verdict.Refused it ->
          answerAtOnce(
              system.decision(
                  id, Decision.Outcome.REFUSED, "refused", it.actionDigest(), null, null));
      case Verdict.ApprovalRequired it -> open(it);
    }
  }

  private void open(Verdict.ApprovalRequired it) {
    switch (TicketMachine.open(it.requirement(), system.people.electorate(it.action().agent()))) {
      case Opening.Unsatisfiable no ->
          answerAtOnce(
              system.decision(
                  it.actionId(),
                  Decision.Outcome.REFUSED,
                  no.reason().code(),
                  it.actionDigest(),
                  null,
                  null));
      case Opening.Opens _ -> {
        Question question =
            new Question(
                it.action(),
                it.actionDigest(),
                it.prompt(),
                it.prompt().digest(),
                it.card(),
                it.requirement(),
                system.now,
                system.now.plus(it.requirement().deadline()),
                TrustOffer.of(it).orElse(null));
        rows.put(
            it.actionId(),
            system.now,
            new Row.Filed(new Ticket.Pending(it.actionId(), 1, question, List.of()), question));
        trust.answer(it.actionId(), question);
      }
    }
  }

  private void answerAtOnce(Decision decision) {
    commit(decision.actionId(), new Row.AtOnce(decision), decision);
  }

  private void cancel(ActionId id) {
    if (!isAnswered(id)) {
      heard.add(id);
    }
    if (rows.find(id).isPresent()) {
      apply(id, new Command.Cancel(system.now, "proposer", null));
    } else if (system.defect != Defect.CANCEL_BEFORE_VERDICT_IS_DROPPED) {
      rows.put(id, system.now, new Row.TakenBack());
    }
  }

  void expire() {
    rows.ids().forEach(id -> apply(id, new Command.Expire(system.now)));
  }

  /// The sweep for those that have votes enough since somebody came back.
  void judgeAnew() {
    judged.add(system.now);
    if (system.defect == Defect.ENOUGH_VOTES_ARE_NOT_NOTICED) {
      return;
    }
    for (ActionId id : rows.ids()) {
      if (rows.find(id).orElse(null) instanceof Row.Filed it) {
        Agent agent = it.question().action().agent();
        apply(
            id, new Command.Judge(system.now, system.people.electorate(agent), holds.holds(agent)));
      }
    }
  }

  /// What it did; empty where there is no such ticket.
  Optional<Outcome> apply(ActionId id, Command command) {
    if (!(rows.find(id).orElse(null) instanceof Row.Filed(Ticket ticket, Question question))) {
      return Optional.empty();
    }
    Outcome outcome = TicketMachine.decide(ticket, command);
    switch (outcome) {
      case Outcome.Counted counted ->
          rows.put(id, system.now, new Row.Filed(counted.ticket(), question));
      case Outcome.Answered answered -> {
        commit(id, new Row.Filed(answered.ticket(), question), event(answered.ticket(), question));
        trust.grant(id, question, answered);
      }
      case Outcome.Unchanged _, Outcome.Refused _ -> {}
    }
    return Optional.of(outcome);
  }

  private Event event(Ticket answer, Question question) {
    ActionId id = answer.actionId();
    Digest digest = question.actionDigest();
    return switch (answer) {
      case Ticket.Approved it ->
          system.decision(
              id,
              Decision.Outcome.APPROVED,
              it.reason().code(),
              digest,
              question.action(),
              sign(id, question.action(), digest));
      case Ticket.Rejected it ->
          system.decision(id, Decision.Outcome.REJECTED, it.reason().code(), digest, null, null);
      case Ticket.Cancelled it ->
          system.decision(id, Decision.Outcome.CANCELLED, it.reason().code(), digest, null, null);
      case Ticket.Expired it -> new Expired(id, it.at(), it.reason());
      case Ticket.Pending _ -> throw new IllegalStateException("pending is no answer");
    };
  }

  private void commit(ActionId id, Row row, Event event) {
    if (system.defect == Defect.TICKET_TELLS_BEFORE_IT_COMMITS && system.dies()) {
      system.append(new Message("ticket/early/" + system.crashes, event.topic(), event));
      crash();
      return;
    }
    rows.put(id, system.now, row);
    emit(event);
  }

  private String sign(ActionId id, Action action, Digest digest) {
    String token = "grant-" + system.signed.size();
    system.signed.put(
        token,
        new Grant(
            SimulatedSystem.ISSUER,
            action.tool().toolset(),
            action.agent().id(),
            id,
            system.now,
            system.now.plus(SimulatedSystem.GRANT),
            Grant.TOOL_CALL,
            List.of(action.tool().toString()),
            id.toString(),
            digest,
            action.agent(),
            List.of()));
    return token;
  }

  private boolean isAnswered(ActionId id) {
    return rows.find(id).filter(Row::isAnswer).isPresent();
  }

  boolean isApproved(ActionId id) {
    return rows.find(id)
        .filter(row ->
            switch (row) {
              case Row.TakenBack _ -> false;
              case Row.AtOnce it -> it.decision().outcome() == Decision.Outcome.APPROVED;
              case Row.Filed it -> it.ticket() instanceof Ticket.Approved;
            })
        .isPresent();
  }

  Optional<Ticket.Pending> anyPending() {
    List<Ticket.Pending> pending = new ArrayList<>();
    for (ActionId id : rows.ids()) {
      if (rows.find(id).orElse(null) instanceof Row.Filed it
          && it.ticket() instanceof Ticket.Pending open) {
        pending.add(open);
      }
    }
    return pending.isEmpty() ? Optional.empty() : Optional.of(system.any(pending));
  }

  @Override
  void drain() {
    super.drain();
    judgeAnew();
    expire();
  }
}
