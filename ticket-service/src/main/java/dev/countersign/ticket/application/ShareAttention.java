package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Digest;
import dev.countersign.events.Oversight;
import dev.countersign.events.Reason;
import dev.countersign.ticket.domain.Asking;
import dev.countersign.ticket.domain.Attention;
import dev.countersign.ticket.domain.Budget;
import dev.countersign.ticket.domain.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Decides whom a message reaches about tickets, and counts it, in the transaction that opens them
/// or brings them to the front: a batch that comes again counts nothing again.
@ApplicationScoped
class ShareAttention {

  private static final Logger LOG = Logger.getLogger(ShareAttention.class);

  /// By whom an alarm is that a rule raised.
  private static final String BY = "countersign";

  private final Prompts prompts;
  private final Meters meters;
  private final Budgets budgets;
  private final MeterRegistry registry;
  private final Clock clock = Clock.systemUTC();

  @Inject
  ShareAttention(Prompts prompts, Meters meters, Budgets budgets, MeterRegistry registry) {
    this.prompts = prompts;
    this.meters = meters;
    this.budgets = budgets;
    this.registry = registry;
  }

  /// A ticket and those whom a message about it may reach.
  record Ask(ActionId actionId, Digest question, Agent agent, List<String> approvers) {
    Ask {
      approvers = List.copyOf(approvers);
    }

    static Ask of(Judgement.Opens opens) {
      return new Ask(opens.actionId(), opens.question(), opens.action().agent(), opens.approvers());
    }
  }

  /// Whom a message is to reach, by ticket; and the alarms.
  record Shared(Map<ActionId, List<String>> prompted, List<Attention.Alarm> alarms) {

    /// Whom a message about this ticket is to reach.
    List<String> reached(ActionId id) {
      return prompted.getOrDefault(id, List.of());
    }

    /// Whom a message about this ticket is to reach; absent where that is all who may answer.
    @Nullable List<String> prompted(Judgement.Opens opens) {
      List<String> people = prompted.getOrDefault(opens.actionId(), opens.approvers());
      return people.equals(opens.approvers()) ? null : people;
    }

    /// The events of the alarms that were raised at this ticket.
    List<Oversight> alarms(ActionId id, Agent agent, Instant at) {
      return alarms.stream()
          .filter(alarm -> alarm.actionId().equals(id))
          .map(alarm -> event(alarm, agent, at))
          .toList();
    }
  }

  /// @param opens tickets that this transaction has filed
  Uni<Shared> among(Mutiny.StatelessSession session, List<Judgement.Opens> opens) {
    return share(session, opens.stream().map(Ask::of).toList())
        .call(shared -> prompts.prompt(session, leavingOut(opens, shared)));
  }

  /// Counts what these reach; who is told of a ticket is the caller's to note.
  Uni<Shared> share(Mutiny.StatelessSession session, List<Ask> asks) {
    if (asks.isEmpty()) {
      return Uni.createFrom().item(new Shared(Map.of(), List.of()));
    }
    // Weeks and hours are the operator's, not a ticket's deadline: this machine's clock will do.
    Instant now = clock.instant();
    List<Asking> askings = asks.stream().map(each -> asking(each, now)).toList();
    List<Meter> needed =
        askings.stream()
            .flatMap(each -> Stream.concat(Stream.of(each.agent()), each.approvers().stream()))
            .map(Budget::meter)
            .toList();
    return prompts
        .order(session, asks.stream().map(Ask::question).toList())
        .chain(() -> meters.hold(session, needed))
        .chain(readings ->
            // Only now, with the questions in order: the same may just have come in elsewhere.
            prompts.told(session, askings).map(told -> Attention.share(askings, readings, told)))
        .call(shares -> meters.save(session, shares.readings()))
        .invoke(shares -> shares.alarms().forEach(this::record))
        .map(shares -> new Shared(shares.prompted(), shares.alarms()));
  }

  /// Those of whose approvers some are not told.
  private static Map<ActionId, List<String>> leavingOut(
      List<Judgement.Opens> opens, Shared shared) {
    Map<ActionId, List<String>> leavingOut = new HashMap<>();
    for (Judgement.Opens each : opens) {
      List<String> people = shared.prompted(each);
      if (people != null) {
        leavingOut.put(each.actionId(), people);
      }
    }
    return leavingOut;
  }

  private Asking asking(Ask ask, Instant now) {
    return new Asking(
        ask.actionId(),
        ask.question(),
        budgets.hourly(ask.agent(), now),
        ask.approvers().stream().map(each -> budgets.weekly(each, now)).toList());
  }

  private void record(Attention.Alarm alarm) {
    registry
        .counter("countersign.over.budget", "of", alarm.budget().meter().kind().word())
        .increment();
    LOG.warnf(
        "Over budget actionId=%s reason=%s most=%d",
        alarm.actionId(), alarm.code(), alarm.budget().most());
  }

  private static Oversight event(Attention.Alarm alarm, Agent agent, Instant at) {
    Meter meter = alarm.budget().meter();
    return new Oversight(
        alarm.actionId(),
        at,
        Oversight.Change.OVER_BUDGET,
        BY,
        switch (meter.kind()) {
          case APPROVER -> meter.who();
          case AGENT -> null;
        },
        agent,
        null,
        new Reason(alarm.code(), alarm.sentence()));
  }
}
