package dev.countersign.flow;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.events.Action;
import dev.countersign.events.ActionCancelled;
import dev.countersign.events.ActionId;
import dev.countersign.events.ActionProposed;
import dev.countersign.events.Agent;
import dev.countersign.events.Answer;
import dev.countersign.events.Assurance;
import dev.countersign.events.Decision;
import dev.countersign.events.Event;
import dev.countersign.events.Intent;
import dev.countersign.events.Tool;
import dev.countersign.events.Topics;
import dev.countersign.flow.SimulatedSystem.Ballot;
import dev.countersign.flow.SimulatedSystem.Message;
import dev.countersign.ticket.domain.Approver;
import dev.countersign.ticket.domain.Brakes;
import dev.countersign.ticket.domain.Command;
import dev.countersign.ticket.domain.Electorate;
import dev.countersign.ticket.domain.Outcome;
import dev.countersign.ticket.domain.Pace;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Ticket;
import dev.countersign.ticket.domain.TrustWish;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Proposers, people and a forger, who do what they like.
final class SimulatedPeople {

  static final List<String> PEOPLE = List.of("alice", "bob", "carol", "dave", "erin", "mallory");

  static final Map<String, Set<String>> GROUPS =
      Map.of(
          "alice", Set.of("finance", "communications"),
          "bob", Set.of("finance", "platform"),
          "carol", Set.of("finance", "communications"),
          "dave", Set.of("platform"),
          "erin", Set.of());

  private static final List<String> SESSIONS = List.of("run-1", "run-2");

  private final SimulatedSystem system;
  private final Deque<Event> toPublish;
  private int published;

  SimulatedPeople(SimulatedSystem system, int actions) {
    this.system = system;
    this.toPublish = new ArrayDeque<>(script(actions));
  }

  boolean haveMoreToPublish() {
    return !toPublish.isEmpty();
  }

  private List<Event> script(int actions) {
    List<Event> script = new ArrayList<>();
    for (int i = 0; i < actions; i++) {
      ActionId id = new ActionId(new UUID(system.random.nextLong(), system.random.nextLong()));
      Tool tool = system.any(SimulatedSystem.TOOLS);
      boolean credit = tool.equals(SimulatedSystem.CREDIT);
      Agent agent =
          new Agent(
              "bot",
              "acme",
              system.any(SESSIONS),
              // Trust is for whom it was given: with everybody's it would never be used.
              credit ? "mallory" : system.any(PEOPLE),
              null);
      int amount = credit ? 20 + 20 * system.random.nextInt(5) : 100;
      for (int copies = 1 + system.random.nextInt(3); copies > 0; copies--) {
        script.add(proposal(id, tool, agent, amount));
      }
      if (system.random.nextInt(6) == 0) {
        script.add(proposal(id, tool, agent, 999));
      }
      for (int cancels = system.random.nextInt(8); cancels > 5; cancels--) {
        script.add(new ActionCancelled(id, SimulatedSystem.START, "proposer", null));
      }
    }
    Collections.shuffle(script, system.random);
    return script;
  }

  /// Each copy in other words of the agent, which are not in the digest.
  private ActionProposed proposal(ActionId id, Tool tool, Agent agent, int amount) {
    return new ActionProposed(
        id,
        SimulatedSystem.START,
        agent,
        tool,
        JsonNodeFactory.instance.objectNode().put("amount", amount),
        new Intent("please " + system.random.nextInt(), null, null, null, null),
        null,
        null,
        null);
  }

  void publish() {
    Event event = toPublish.poll();
    if (event != null) {
      system.append(new Message("agents/" + published++, event.topic(), event));
    }
  }

  void vote() {
    system
        .tickets
        .anyPending()
        .ifPresent(pending -> {
          // A late look at what was shown once, someone else's prompt, a slip of the finger.
          boolean stale = pending.version() > 1 && system.random.nextInt(4) == 0;
          boolean other = system.random.nextInt(10) == 0;
          boolean typed = system.random.nextInt(10) > 0;
          Question question = pending.question();
          boolean offered = question.offer() != null && system.random.nextInt(2) == 0;
          Ballot ballot =
              new Ballot(
                  pending.actionId(),
                  system.any(PEOPLE),
                  system.now,
                  system.random.nextInt(8) == 0 ? Answer.REJECT : Answer.APPROVE,
                  !stale && !other,
                  typed,
                  offered ? wish() : null);
          system.ballots.add(ballot);
          boolean unbound = system.defect == Defect.VOTE_IS_NOT_BOUND_TO_WHAT_WAS_SHOWN;
          String amount = question.action().parameters().get("amount").asText();
          Optional<Outcome> outcome =
              system.tickets.apply(
                  pending.actionId(),
                  new Command.Vote(
                      system.defect == Defect.VOTES_BRING_THEIR_OWN_TIME
                          ? question.openedAt()
                          : system.now,
                      ballot.approver(),
                      Assurance.CODE,
                      ballot.answer(),
                      stale && !unbound ? pending.version() - 1 : pending.version(),
                      other && !unbound ? SimulatedSystem.POLICY_VERSION : question.promptDigest(),
                      Map.of(0, typed ? amount : amount + "0"),
                      null,
                      null,
                      null,
                      true,
                      electorate(question.action().agent()),
                      new Brakes(
                          system.tickets.holds.holds(question.action().agent())
                              && system.defect != Defect.HOLD_IS_NOT_SEEN_BY_VOTES,
                          Pace.CALM),
                      ballot.wish()));
          // Some of those who say no did not expect it at all.
          if (system.random.nextInt(3) == 0 && isRejected(outcome)) {
            system.tickets.holds.hold(question.action().agent());
          }
        });
  }

  private static boolean isRejected(Optional<Outcome> outcome) {
    return outcome.orElse(null) instanceof Outcome.Answered answered
        && answered.ticket() instanceof Ticket.Rejected;
  }

  /// Mostly less than the policy permits, now and then more.
  private TrustWish wish() {
    return new TrustWish(
        1 + system.random.nextInt(4),
        Duration.ofMinutes(1 + system.random.nextInt(11)),
        String.valueOf(60 + 20 * system.random.nextInt(9)),
        Set.of());
  }

  Electorate electorate(Agent agent) {
    Map<String, Set<String>> groups =
        system.defect == Defect.GROUPS_ARE_READ_ONCE
            ? GROUPS
            : system.rosters.lastEntry().getValue();
    return new Electorate(
        groups.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(each -> new Approver(each.getKey(), each.getValue()))
            .toList(),
        system.defect == Defect.OWN_REQUEST_IS_NOT_SEEN || agent.onBehalfOf() == null
            ? Set.of()
            : Set.of(agent.onBehalfOf()));
  }

  /// Someone changes places, so that who voted may not count any more when it is decided. Often it
  /// is somebody who has voted on what still waits: they go, or come back.
  void reorganise() {
    Map<String, Set<String>> groups = new HashMap<>(system.rosters.lastEntry().getValue());
    Optional<String> voter =
        system
            .tickets
            .anyPending()
            .filter(pending -> !pending.votes().isEmpty() && system.random.nextInt(4) > 0)
            .map(pending -> system.any(pending.votes()).approver());
    String moved = voter.orElseGet(() -> system.any(PEOPLE.subList(0, 4)));
    boolean leaves =
        voter.isPresent()
            ? !groups.getOrDefault(moved, Set.of()).isEmpty()
            : system.random.nextBoolean();
    groups.put(moved, leaves ? Set.of() : GROUPS.getOrDefault(moved, Set.of()));
    system.rosters.put(system.now, groups);
  }

  /// A true decision again; its grant on other parameters; its grant on another action.
  void forge() {
    List<Message> decisions =
        system.partitions(Topics.DECISION).stream().flatMap(List::stream).toList();
    List<Message> approved =
        decisions.stream()
            .filter(each -> each.event() instanceof Decision it && it.grant() != null)
            .toList();
    List<ActionId> waiting = system.tickets.rows.ids();
    if (approved.isEmpty()) {
      return;
    }
    Decision real = (Decision) system.any(approved).event();
    Decision forged =
        switch (system.random.nextInt(3)) {
          case 0 -> real;
          case 1 -> system.decision(real.actionId(), changed(real.action()), real.grant());
          default -> system.decision(system.any(waiting), real.action(), real.grant());
        };
    system.append(new Message("forger/" + published++, Topics.DECISION, forged));
  }

  private static Action changed(@Nullable Action action) {
    Action real = Objects.requireNonNull(action);
    return new Action(
        real.agent(), real.tool(), JsonNodeFactory.instance.objectNode().put("amount", 666));
  }
}
