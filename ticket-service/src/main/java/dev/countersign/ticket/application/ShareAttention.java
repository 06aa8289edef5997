package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
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

/// Decides whom a message reaches about the tickets that a batch opens, and counts it, in the
/// transaction that opens them: a batch that comes again counts nothing again.
@ApplicationScoped
class ShareAttention {

  private static final Logger LOG = Logger.getLogger(ShareAttention.class);

  /// By whom an alarm is that a rule raised.
  private static final String BY = "countersign";

  private final Tickets tickets;
  private final Meters meters;
  private final Budgets budgets;
  private final MeterRegistry registry;
  private final Clock clock = Clock.systemUTC();

  @Inject
  ShareAttention(Tickets tickets, Meters meters, Budgets budgets, MeterRegistry registry) {
    this.tickets = tickets;
    this.meters = meters;
    this.budgets = budgets;
    this.registry = registry;
  }

  /// Whom a message is to reach, by ticket; and the alarms.
  record Shared(Map<ActionId, List<String>> prompted, List<Attention.Alarm> alarms) {

    /// Whom a message about this ticket is to reach; absent where that is all who may answer.
    @Nullable List<String> prompted(Judgement.Opens opens) {
      List<String> people = prompted.getOrDefault(opens.actionId(), opens.approvers());
      return people.equals(opens.approvers()) ? null : people;
    }
  }

  /// @param opens tickets that this transaction has filed
  Uni<Shared> among(Mutiny.StatelessSession session, List<Judgement.Opens> opens) {
    if (opens.isEmpty()) {
      return Uni.createFrom().item(new Shared(Map.of(), List.of()));
    }
    // Weeks and hours are the operator's, not a ticket's deadline: this machine's clock will do.
    Instant now = clock.instant();
    List<Asking> askings = opens.stream().map(each -> asking(each, now)).toList();
    List<Meter> needed =
        askings.stream()
            .flatMap(each -> Stream.concat(Stream.of(each.agent()), each.approvers().stream()))
            .map(Budget::meter)
            .toList();
    return meters
        .hold(session, needed)
        .chain(readings ->
            // Only now, with the meters held: the same question may just have come in elsewhere.
            tickets.told(session, askings).map(told -> Attention.share(askings, readings, told)))
        .call(shares -> meters.save(session, shares.readings()))
        .invoke(shares -> shares.alarms().forEach(this::record))
        .map(shares -> new Shared(shares.prompted(), shares.alarms()))
        .call(shared -> tickets.prompt(session, leavingOut(opens, shared)));
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

  private Asking asking(Judgement.Opens opens, Instant now) {
    return new Asking(
        opens.actionId(),
        opens.question(),
        budgets.hourly(opens.action().agent(), now),
        opens.approvers().stream().map(each -> budgets.weekly(each, now)).toList());
  }

  private void record(Attention.Alarm alarm) {
    registry
        .counter("countersign.over.budget", "of", alarm.budget().meter().kind().word())
        .increment();
    LOG.warnf(
        "Over budget actionId=%s reason=%s most=%d",
        alarm.actionId(), alarm.code(), alarm.budget().most());
  }

  /// The event of an alarm, of the ticket at which it was raised.
  static Oversight event(Attention.Alarm alarm, Judgement.Opens opens, Instant at) {
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
        opens.action().agent(),
        null,
        new Reason(alarm.code(), alarm.sentence()));
  }
}
