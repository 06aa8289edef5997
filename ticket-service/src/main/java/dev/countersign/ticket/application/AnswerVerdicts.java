package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Batch;
import dev.countersign.events.Card;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.EventJson;
import dev.countersign.events.Reason;
import dev.countersign.events.Rule;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Verdict;
import dev.countersign.messaging.DeadLetter;
import dev.countersign.messaging.Decoder;
import dev.countersign.messaging.Envelope;
import dev.countersign.messaging.Handler;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.messaging.Received;
import dev.countersign.messaging.Rejected;
import dev.countersign.ticket.domain.Opening;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.TicketMachine;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/// Takes in verdicts, a polled batch in one transaction: what is allowed, denied or refused is
/// decided at once; for the rest a ticket opens.
///
/// If the process dies before the commit, the batch comes again and does the same; after it, each
/// row is on file already and nothing happens.
@ApplicationScoped
public class AnswerVerdicts implements Decoder<Judgement>, Handler<Judgement> {

  private static final String CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

  private final Tickets tickets;
  private final Roster roster;
  private final UseTrust useTrust;
  private final RefuseHeld refuseHeld;
  private final ShareAttention attention;
  private final Grants grants;
  private final Outbox outbox;
  private final String url;
  private final Clock clock = Clock.systemUTC();

  @Inject
  AnswerVerdicts(
      Tickets tickets,
      Roster roster,
      UseTrust useTrust,
      RefuseHeld refuseHeld,
      ShareAttention attention,
      Grants grants,
      Outbox outbox,
      @ConfigProperty(name = "countersign.ticket.url") String url) {
    this.tickets = tickets;
    this.roster = roster;
    this.useTrust = useTrust;
    this.refuseHeld = refuseHeld;
    this.attention = attention;
    this.grants = grants;
    this.outbox = outbox;
    this.url = url;
  }

  /// Reads a verdict and judges whether it can be answered; on a worker thread.
  @Override
  public Judgement decode(Envelope envelope) throws Rejected {
    return switch (EventJson.read(envelope.data(), Verdict.class)) {
      case Verdict.Allowed allowed -> {
        checkDigest(allowed.action().digest(allowed.actionId()), allowed.actionDigest());
        yield new Judgement.Allows(allowed, allowedBy(allowed.rules()));
      }
      case Verdict.ApprovalRequired required -> opens(required);
      case Verdict.Denied denied ->
          new Judgement.SaysNo(
              denied.actionId(),
              denied.actionDigest(),
              denied.action(),
              Decision.Outcome.DENIED,
              denied.reason(),
              denied.batch());
      case Verdict.Refused refused ->
          new Judgement.SaysNo(
              refused.actionId(),
              refused.actionDigest(),
              null,
              Decision.Outcome.REFUSED,
              refused.reason(),
              null);
    };
  }

  private Judgement opens(Verdict.ApprovalRequired required) throws Rejected {
    checkDigest(required.action().digest(required.actionId()), required.actionDigest());
    checkDigest(required.prompt().actionDigest(), required.actionDigest());
    // The roster's days are not the ticket's deadline: this machine's clock is good enough here.
    Opening opening =
        TicketMachine.open(
            required.requirement(), roster.electorate(required.action().agent(), clock.instant()));
    return switch (opening) {
      case Opening.Opens opens ->
          new Judgement.Opens(
              required,
              required.prompt().digest(),
              new Card(
                  required.card().title(),
                  required.card().target(),
                  shortCode(required.actionId())),
              Question.digestOf(required.action()),
              opens.approvers());
      case Opening.Unsatisfiable unsatisfiable ->
          new Judgement.SaysNo(
              required.actionId(),
              required.actionDigest(),
              required.action(),
              Decision.Outcome.REFUSED,
              unsatisfiable.reason(),
              required.batch());
    };
  }

  // A grant is made out for the digest, and people read the action: they must be one.
  private static void checkDigest(Digest taken, Digest said) throws Rejected {
    if (!taken.equals(said)) {
      throw new Rejected("digest", "actionDigest is not that of the action; publish it anew");
    }
  }

  /// What a person reads out to say which ticket they mean: the same for a retry.
  static String shortCode(ActionId id) {
    int bits =
        ByteBuffer.wrap(
                Digest.of(id.toString().getBytes(StandardCharsets.UTF_8))
                    .value()
                    .getBytes(StandardCharsets.UTF_8))
            .getInt(8 + "sha256:".length());
    StringBuilder code = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      code.append(CODE_LETTERS.charAt((bits >>> (8 * i)) & 31));
    }
    return code.insert(2, '-').toString();
  }

  private static Reason allowedBy(List<Rule> rules) {
    String says = rules.stream().map(Rule::says).collect(Collectors.joining("; "));
    return new Reason(
        "allowed-by-policy", says.isEmpty() ? "The policy allows it." : "The policy: " + says);
  }

  @Override
  public Uni<Void> handle(Mutiny.StatelessSession session, List<Received<Judgement>> events) {
    Map<ActionId, Received<Judgement>> first = new LinkedHashMap<>();
    for (Received<Judgement> each : events) {
      first.putIfAbsent(each.event().actionId(), each);
    }
    return refuseHeld
        .among(session, List.copyOf(first.values()))
        .chain(once -> file(session, events, once));
  }

  private Uni<Void> file(
      Mutiny.StatelessSession session,
      List<Received<Judgement>> events,
      List<Received<Judgement>> once) {
    return tickets
        .file(session, once)
        .chain(filed ->
            useTrust
                .on(session, fresh(once, filed).map(Received::event).toList())
                .chain(answered -> publish(session, once, filed, answered))
                .replaceWith(filed))
        .chain(filed -> settleKnown(session, events, once, filed));
  }

  private Uni<Void> publish(
      Mutiny.StatelessSession session,
      List<Received<Judgement>> once,
      Map<ActionId, Tickets.Filed> filed,
      Set<ActionId> answered) {
    List<Received<Judgement>> fresh =
        fresh(once, filed).filter(each -> !answered.contains(each.event().actionId())).toList();
    List<Judgement.Opens> opens =
        fresh.stream()
            .map(Received::event)
            .filter(Judgement.Opens.class::isInstance)
            .map(Judgement.Opens.class::cast)
            .toList();
    return attention.among(session, opens).chain(shared -> publish(session, fresh, filed, shared));
  }

  private Uni<Void> publish(
      Mutiny.StatelessSession session,
      List<Received<Judgement>> fresh,
      Map<ActionId, Tickets.Filed> filed,
      ShareAttention.Shared shared) {
    List<Grants.Permission> permissions = new ArrayList<>();
    for (Received<Judgement> each : fresh) {
      if (each.event() instanceof Judgement.Allows allows) {
        Verdict.Allowed verdict = allows.verdict();
        permissions.add(
            new Grants.Permission(
                verdict.actionId(),
                verdict.action(),
                verdict.actionDigest(),
                filed(filed, verdict.actionId()).at(),
                List.of()));
      }
    }
    return grants
        .sign(permissions)
        .chain(signed -> {
          Map<ActionId, String> byId = new HashMap<>();
          for (int i = 0; i < signed.size(); i++) {
            byId.put(permissions.get(i).actionId(), signed.get(i));
          }
          List<Outgoing> events = new ArrayList<>(fresh.size());
          boolean soon = false;
          for (Received<Judgement> each : fresh) {
            Tickets.Filed row = filed(filed, each.event().actionId());
            soon |= isSoon(row);
            events.add(
                switch (each.event()) {
                  case Judgement.Opens opens -> {
                    events.addAll(alarms(opens, row, shared, each.traceparent()));
                    yield opened(opens, row, shared.prompted(opens), each.traceparent());
                  }
                  case Judgement.Allows allows ->
                      approved(allows, row, byId.get(allows.actionId()), each.traceparent());
                  case Judgement.SaysNo no -> no(no, row, each.traceparent());
                });
          }
          Uni<Void> appended = outbox.append(session, events);
          return soon ? appended.chain(() -> tickets.wakeExpiry(session)) : appended;
        });
  }

  private static Stream<Received<Judgement>> fresh(
      List<Received<Judgement>> once, Map<ActionId, Tickets.Filed> filed) {
    return once.stream().filter(each -> filed.containsKey(each.event().actionId()));
  }

  private static Tickets.Filed filed(Map<ActionId, Tickets.Filed> filed, ActionId id) {
    return Objects.requireNonNull(filed.get(id), "only what is new is published");
  }

  private static boolean isSoon(Tickets.Filed row) {
    return row.expiresAt() != null
        && Duration.between(row.at(), row.expiresAt()).compareTo(ExpireTickets.NET) <= 0;
  }

  private static List<Outgoing> alarms(
      Judgement.Opens opens,
      Tickets.Filed row,
      ShareAttention.Shared shared,
      @Nullable String traceparent) {
    return shared.alarms(opens.actionId(), opens.action().agent(), row.at()).stream()
        .map(alarm -> new Outgoing(alarm, traceparent))
        .toList();
  }

  private Outgoing opened(
      Judgement.Opens opens,
      Tickets.Filed row,
      @Nullable List<String> prompted,
      @Nullable String traceparent) {
    Verdict.ApprovalRequired verdict = opens.verdict();
    return new Outgoing(
        new TicketOpened(
            verdict.actionId(),
            row.at(),
            opens.card(),
            opens.promptDigest(),
            verdict.requirement(),
            opens.approvers(),
            Objects.requireNonNull(row.expiresAt()),
            verdict.batch() == null ? null : verdict.batch().id(),
            URI.create(url + "/tickets/" + verdict.actionId()),
            prompted,
            set(opens)),
        traceparent);
  }

  private static TicketOpened.@Nullable Set set(Judgement.Opens opens) {
    Batch together = opens.together();
    return together == null
        ? null
        : new TicketOpened.Set(
            ReviewSet.id(opens.action().agent(), together).value(), together.size());
  }

  private static Outgoing approved(
      Judgement.Allows allows,
      Tickets.Filed row,
      @Nullable String grant,
      @Nullable String traceparent) {
    Verdict.Allowed verdict = allows.verdict();
    return new Outgoing(
        new Decision(
            verdict.actionId(),
            row.at(),
            Decision.Outcome.APPROVED,
            Decision.Basis.POLICY,
            allows.reason(),
            verdict.actionDigest(),
            verdict.action(),
            grant,
            List.of()),
        traceparent);
  }

  private static Outgoing no(Judgement.SaysNo no, Tickets.Filed row, @Nullable String traceparent) {
    return new Outgoing(
        new Decision(
            no.actionId(),
            row.at(),
            no.outcome(),
            no.outcome() == Decision.Outcome.DENIED ? Decision.Basis.POLICY : null,
            no.reason(),
            no.actionDigest(),
            null,
            null,
            List.of()),
        traceparent);
  }

  private Uni<Void> settleKnown(
      Mutiny.StatelessSession session,
      List<Received<Judgement>> events,
      List<Received<Judgement>> once,
      Map<ActionId, Tickets.Filed> filed) {
    List<Received<Judgement>> known =
        once.stream().filter(each -> !filed.containsKey(each.event().actionId())).toList();
    if (known.isEmpty() && events.size() == once.size()) {
      return Uni.createFrom().voidItem();
    }
    return tickets
        .settleTakenBack(session, known)
        .chain(takenBack -> publishTakenBack(session, known, takenBack))
        .chain(() ->
            tickets.digests(session, events.stream().map(each -> each.event().actionId()).toList()))
        .chain(digests -> outbox.deadLetter(session, conflicts(events, digests)));
  }

  private Uni<Void> publishTakenBack(
      Mutiny.StatelessSession session,
      List<Received<Judgement>> known,
      Map<ActionId, Tickets.TakenBack> takenBack) {
    List<Outgoing> decisions = new ArrayList<>();
    for (Received<Judgement> each : known) {
      Tickets.TakenBack answer = takenBack.get(each.event().actionId());
      if (answer != null) {
        decisions.add(
            new Outgoing(
                new Decision(
                    each.event().actionId(),
                    answer.at(),
                    Decision.Outcome.CANCELLED,
                    null,
                    TicketMachine.cancellation(answer.said()),
                    each.event().actionDigest(),
                    null,
                    null,
                    List.of()),
                each.traceparent()));
      }
    }
    return outbox.append(session, decisions);
  }

  /// Same id and same digest is a retry, and the answer stands. Another digest is another action
  /// under a name that is taken.
  private static List<DeadLetter> conflicts(
      List<Received<Judgement>> events, Map<ActionId, Optional<Digest>> digests) {
    List<DeadLetter> letters = new ArrayList<>();
    for (Received<Judgement> each : events) {
      Optional<Digest> onFile = digests.getOrDefault(each.event().actionId(), Optional.empty());
      if (!onFile.equals(Optional.ofNullable(each.event().actionDigest()))) {
        letters.add(
            new DeadLetter(
                each.raw(),
                "conflict",
                "this actionId stands for another action already; use a new id"));
      }
    }
    return letters;
  }
}
