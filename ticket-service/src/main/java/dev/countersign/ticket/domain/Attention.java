package dev.countersign.ticket.domain;

import dev.countersign.events.ActionId;
import dev.countersign.events.Digest;
import dev.countersign.ticket.domain.Budget.Reading;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Shares out people's attention among the tickets that are about to open: whom a message reaches
/// about each. A pure function of what was used up before.
///
/// It only ever leaves people out. Who may answer, how many must, how sure it must be that it is
/// they, and by when: all that is the requirement's, and stays as it is. Where nobody is left
/// within budget nobody is told; the ticket waits in the inbox, and its deadline is a no.
public final class Attention {

  /// The reason codes of an alarm.
  public static final String WEEKLY_BUDGET = "weekly-budget";

  public static final String AGENT_BUDGET = "agent-budget";

  /// The first question that a budget did not bear in its period.
  public record Alarm(ActionId actionId, Budget budget) {

    public String code() {
      return switch (budget.meter().kind()) {
        case APPROVER -> WEEKLY_BUDGET;
        case AGENT -> AGENT_BUDGET;
      };
    }

    /// A sentence that says what happens now.
    public String sentence() {
      Meter meter = budget.meter();
      return switch (meter.kind()) {
        case APPROVER ->
            meter.who()
                + " was asked "
                + budget.most()
                + " times this week, which is the budget. What else is asked goes to the others who"
                + " may answer, and waits in the inbox.";
        case AGENT ->
            meter.who()
                + " asked "
                + budget.most()
                + " times this hour, which is its budget. What else it asks waits in the inbox, and"
                + " nobody is told.";
      };
    }
  }

  /// @param prompted whom a message is to reach, by ticket
  /// @param readings how the meters stand afterwards
  public record Shares(
      Map<ActionId, List<String>> prompted, Map<Meter, Reading> readings, List<Alarm> alarms) {
    public Shares {
      prompted = Map.copyOf(prompted);
      readings = Map.copyOf(readings);
      alarms = List.copyOf(alarms);
    }
  }

  private final Map<Meter, Reading> readings;
  private final Map<Digest, Set<String>> told = new HashMap<>();
  private final Map<ActionId, List<String>> prompted = new LinkedHashMap<>();
  private final List<Alarm> alarms = new ArrayList<>();

  private Attention(Map<Meter, Reading> readings, Map<Digest, Set<String>> told) {
    this.readings = new HashMap<>(readings);
    told.forEach((question, people) -> this.told.put(question, new HashSet<>(people)));
  }

  /// Whom a message reaches about each of these, in their order.
  ///
  /// @param readings how the meters stand; one that is absent stands at zero
  /// @param told who was told of the same question while it is pending under another id
  public static Shares share(
      List<Asking> askings, Map<Meter, Reading> readings, Map<Digest, Set<String>> told) {
    Attention attention = new Attention(readings, told);
    askings.forEach(attention::share);
    return new Shares(attention.prompted, attention.readings, attention.alarms);
  }

  private void share(Asking asking) {
    Set<String> knowing = told.computeIfAbsent(asking.question(), _ -> new HashSet<>());
    // Asked once more is not asked anew: whoever has the message has the question.
    List<Budget> toTell =
        asking.approvers().stream().filter(each -> !knowing.contains(each.meter().who())).toList();
    List<String> reached = new ArrayList<>();
    if (!toTell.isEmpty() && bears(asking.agent())) {
      for (Budget each : toTell) {
        if (bears(each)) {
          count(each);
          reached.add(each.meter().who());
        } else {
          holdBack(asking.actionId(), each);
        }
      }
      if (!reached.isEmpty()) {
        count(asking.agent());
      }
    } else if (!toTell.isEmpty()) {
      holdBack(asking.actionId(), asking.agent());
    }
    knowing.addAll(reached);
    prompted.put(asking.actionId(), List.copyOf(reached));
  }

  private boolean bears(Budget budget) {
    return budget.bears(reading(budget));
  }

  private void count(Budget budget) {
    readings.put(budget.meter(), reading(budget).prompted());
  }

  private void holdBack(ActionId id, Budget budget) {
    Reading before = reading(budget);
    if (before.withheld() == 0) {
      alarms.add(new Alarm(id, budget));
    }
    readings.put(budget.meter(), before.heldBack());
  }

  private Reading reading(Budget budget) {
    return readings.getOrDefault(budget.meter(), Reading.ZERO);
  }
}
