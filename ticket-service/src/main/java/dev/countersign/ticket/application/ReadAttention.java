package dev.countersign.ticket.application;

import dev.countersign.events.Agent;
import dev.countersign.ticket.domain.Budget;
import dev.countersign.ticket.domain.Budget.Reading;
import dev.countersign.ticket.domain.Meter;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/// Shows how much is asked of people, by whom, and how they answer.
@ApplicationScoped
public class ReadAttention {

  private static final Duration A_DAY = Duration.ofDays(1);
  private static final Duration FOUR_WEEKS = Duration.ofDays(28);
  private static final int MOST_HOURS = 100;
  private static final int MOST_RULES = 100;

  /// What a budget bears, and what was made of it.
  public record Used(Budget budget, Reading reading) {

    public boolean isUsedUp() {
      return reading.prompts() >= budget.most();
    }

    public boolean isEndless() {
      return budget.most() == Budget.ENDLESS;
    }
  }

  /// What those see who look after it all: everybody's week, the agents' hours of the last day, the
  /// last first, and how the rules were answered in the last four weeks.
  public record Overview(List<Used> people, List<Used> agents, Answers.ByRule rules) {}

  /// @param all absent for those who see their own alone
  public record Seen(Used mine, Optional<Overview> all) {}

  private final Mutiny.SessionFactory sessions;
  private final Tickets tickets;
  private final Meters meters;
  private final Budgets budgets;
  private final Answers answers;

  @Inject
  ReadAttention(
      Mutiny.SessionFactory sessions,
      Tickets tickets,
      Meters meters,
      Budgets budgets,
      Answers answers) {
    this.sessions = sessions;
    this.tickets = tickets;
    this.meters = meters;
    this.budgets = budgets;
    this.answers = answers;
  }

  public Uni<Seen> of(String approver) {
    return sessions.withStatelessSession(session ->
        tickets
            .now(session)
            .chain(now -> {
              Budget mine = budgets.weekly(approver, now);
              return used(session, List.of(mine))
                  .chain(used ->
                      budgets.seesAll(approver)
                          ? overview(session, now)
                              .map(all -> new Seen(used.getFirst(), Optional.of(all)))
                          : Uni.createFrom().item(new Seen(used.getFirst(), Optional.empty())));
            }));
  }

  private Uni<Overview> overview(Mutiny.StatelessSession session, Instant now) {
    return used(session, budgets.weekly(now))
        .chain(people ->
            meters
                .since(
                    session,
                    Meter.Kind.AGENT,
                    Meter.ofHour("", now.minus(A_DAY)).period(),
                    MOST_HOURS)
                .map(hours -> hours.entrySet().stream().map(this::ofAgent).toList())
                .chain(agents ->
                    answers
                        .byRule(session, FOUR_WEEKS, MOST_RULES)
                        .map(rules -> new Overview(people, agents, rules))));
  }

  private Used ofAgent(Map.Entry<Meter, Reading> hour) {
    Meter meter = hour.getKey();
    Agent agent = new Agent(meter.who(), null, null, null);
    Budget budget = budgets.hourly(agent, Instant.parse(meter.period()));
    return new Used(new Budget(meter, budget.most()), hour.getValue());
  }

  private Uni<List<Used>> used(Mutiny.StatelessSession session, List<Budget> of) {
    return meters
        .read(session, of.stream().map(Budget::meter).toList())
        .map(readings ->
            of.stream()
                .map(each -> new Used(each, readings.getOrDefault(each.meter(), Reading.ZERO)))
                .toList());
  }
}
