package dev.countersign.flow;

import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Answer;
import dev.countersign.events.Decision;
import dev.countersign.events.Topics;
import dev.countersign.events.Trust;
import dev.countersign.flow.Invariants.Name;
import dev.countersign.flow.SimulatedSystem.Ballot;
import dev.countersign.flow.SimulatedSystem.Change;
import dev.countersign.flow.SimulatedSystem.Message;
import dev.countersign.flow.SimulatedTickets.Row;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Ticket;
import dev.countersign.ticket.domain.TrustWish;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What must hold of sessions that are trusted and held. Bounds are those that a person chose on
/// their ballot and those of the policy, and what was used of them is counted from the tickets'
/// histories: nothing is asked of the rows that keep count in the code that is judged.
final class TrustInvariants {

  /// Notes what does not hold.
  interface Judge {
    void require(boolean holds, Name name, Object detail);
  }

  private record Use(ActionId id, Instant at, Ticket.Approved approved, Question question) {
    BigDecimal amount() {
      return new BigDecimal(question.action().parameters().get("amount").asText());
    }
  }

  private final SimulatedSystem system;
  private final Judge judge;

  private TrustInvariants(SimulatedSystem system, Judge judge) {
    this.system = system;
    this.judge = judge;
  }

  static void check(SimulatedSystem system, Judge judge) {
    TrustInvariants invariants = new TrustInvariants(system, judge);
    invariants.uses().forEach(invariants::checkTrust);
    invariants.checkHolds();
  }

  /// By the trust that was used, in the order of time.
  private Map<ActionId, List<Use>> uses() {
    Map<ActionId, List<Use>> uses = new LinkedHashMap<>();
    system.tickets.rows.history.forEach((id, changes) -> {
      for (Change<Row> change : changes) {
        if (change.row() instanceof Row.Filed(Ticket.Approved it, Question question)
            && it.trust() != null) {
          uses.computeIfAbsent(it.trust(), _ -> new ArrayList<>())
              .add(new Use(id, change.at(), it, question));
        }
      }
    });
    return uses;
  }

  private void checkTrust(ActionId trust, List<Use> uses) {
    Optional<Use> given =
        system
            .tickets
            .rows
            .find(trust)
            .filter(row ->
                row instanceof Row.Filed(Ticket.Approved it, Question _) && it.trust() == null)
            .map(row -> {
              Row.Filed filed = (Row.Filed) row;
              Ticket.Approved approved = (Ticket.Approved) filed.ticket();
              return new Use(trust, approved.at(), approved, filed.question());
            });
    Optional<Ballot> ballot = given.flatMap(this::ballot);
    judge.require(ballot.isPresent(), Name.TRUST_WITHIN_ITS_BOUNDS, "nobody gave " + trust);
    if (given.isEmpty() || ballot.isEmpty()) {
      return;
    }
    TrustWish wish = Objects.requireNonNull(ballot.get().wish());
    BigDecimal sum = uses.stream().map(Use::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
    judge.require(
        uses.size() <= Math.min(wish.calls(), SimulatedPolicy.TERMS.calls()),
        Name.TRUST_WITHIN_ITS_BOUNDS,
        uses.size() + " calls on " + wish);
    judge.require(
        sum.compareTo(new BigDecimal(Objects.requireNonNull(wish.sum()))) <= 0
            && sum.compareTo(new BigDecimal(Objects.requireNonNull(SimulatedPolicy.TERMS.sum())))
                <= 0,
        Name.TRUST_WITHIN_ITS_BOUNDS,
        sum + " on " + wish);
    for (Use use : uses) {
      checkUse(given.get(), ballot.get(), wish, use);
    }
  }

  private void checkUse(Use given, Ballot ballot, TrustWish wish, Use use) {
    Instant revoked = system.tickets.trust.revoked.get(given.id());
    judge.require(
        !use.at().isBefore(ballot.at())
            && use.at().isBefore(ballot.at().plus(wish.window()))
            && use.at().isBefore(ballot.at().plus(SimulatedPolicy.TERMS.window()))
            && (revoked == null || use.at().isBefore(revoked)),
        Name.TRUST_WITHIN_ITS_BOUNDS,
        use + " of " + ballot + " revoked " + revoked);
    judge.require(
        isTheSame(given.question(), use.question()),
        Name.TRUST_WITHIN_ITS_BOUNDS,
        use + " of " + given);
    judge.require(
        use.approved().votes().stream().allMatch(it -> it.approver().equals(ballot.approver())),
        Name.USE_OF_TRUST_IS_TOLD,
        use);
    judge.require(isTold(given.id(), use), Name.USE_OF_TRUST_IS_TOLD, use);
  }

  private static boolean isTheSame(Question given, Question used) {
    Agent one = given.action().agent();
    Agent other = used.action().agent();
    return given.action().tool().equals(used.action().tool())
        && Objects.equals(one.id(), other.id())
        && Objects.equals(one.platform(), other.platform())
        && Objects.equals(one.session(), other.session())
        && Objects.equals(one.onBehalfOf(), other.onBehalfOf());
  }

  private boolean isTold(ActionId trust, Use use) {
    return system.partitions(Topics.TRUST).stream()
        .flatMap(List::stream)
        .map(Message::event)
        .anyMatch(event ->
            event instanceof Trust it
                && it.change() == Trust.Change.USED
                && it.actionId().equals(use.id())
                && trust.equals(it.trustId()));
  }

  /// The one that approved it and gave the trust.
  private Optional<Ballot> ballot(Use given) {
    return system.ballots.stream()
        .filter(it ->
            it.id().equals(given.id())
                && it.answer() == Answer.APPROVE
                && it.wish() != null
                && it.at().equals(given.at())
                && given.approved().votes().stream()
                    .anyMatch(vote -> vote.approver().equals(it.approver())))
        .findFirst();
  }

  private void checkHolds() {
    system.tickets.rows.history.forEach((id, changes) -> {
      for (Change<Row> change : changes) {
        agentOfApproved(change.row())
            .ifPresent(agent ->
                judge.require(
                    system.tickets.holds.all.stream()
                        .noneMatch(held ->
                            // What came in the very moment before it is before it.
                            held.from().isBefore(change.at())
                                && held.covers(agent.session(), change.at())),
                    Name.NOTHING_OF_A_HELD_SESSION,
                    id));
      }
    });
  }

  private static Optional<Agent> agentOfApproved(Row row) {
    return switch (row) {
      case Row.TakenBack _ -> Optional.empty();
      case Row.AtOnce it ->
          it.decision().outcome() == Decision.Outcome.APPROVED
              ? Optional.ofNullable(it.decision().action()).map(action -> action.agent())
              : Optional.empty();
      case Row.Filed it ->
          it.ticket() instanceof Ticket.Approved
              ? Optional.of(it.question().action().agent())
              : Optional.empty();
    };
  }
}
