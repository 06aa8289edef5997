package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.TicketOpened;
import dev.countersign.messaging.Outbox;
import dev.countersign.messaging.Outgoing;
import dev.countersign.ticket.domain.Approver;
import dev.countersign.ticket.domain.Question;
import dev.countersign.ticket.domain.Vote;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;

/// Where a ticket that people were told of ends without an answer of theirs, the next one that asks
/// the same question reaches them in its place: until then it stood behind the first, and nobody
/// had heard of it. In the transaction that ends the first, and within the same budgets; a moment
/// later where the next was being answered just then, and the vote was not its answer.
@ApplicationScoped
class AskNext {

  private final Tickets tickets;
  private final Prompts prompts;
  private final ShareAttention attention;
  private final Roster roster;
  private final Outbox outbox;
  private final String url;

  @Inject
  AskNext(
      Tickets tickets,
      Prompts prompts,
      ShareAttention attention,
      Roster roster,
      Outbox outbox,
      @ConfigProperty(name = "countersign.ticket.url") String url) {
    this.tickets = tickets;
    this.prompts = prompts;
    this.attention = attention;
    this.roster = roster;
    this.outbox = outbox;
    this.url = url;
  }

  /// @param ended tickets that expired or were cancelled in this transaction
  Uni<Void> after(Mutiny.StatelessSession session, Collection<ActionId> ended) {
    return ended.isEmpty()
        ? Uni.createFrom().voidItem()
        : prompts
            .next(session, ended)
            .chain(next ->
                next.isEmpty()
                    ? Uni.createFrom().voidItem()
                    : tickets
                        .lock(session, next.keySet())
                        .chain(dockets -> ask(session, dockets, next)));
  }

  /// The same, and for those that were left unasked before.
  ///
  /// @param atMost of those that were left
  Uni<Void> afterAndBefore(
      Mutiny.StatelessSession session, Collection<ActionId> ended, int atMost) {
    return prompts
        .takeUnasked(session, atMost)
        .chain(left ->
            // Together: questions are put in order once in a transaction.
            after(session, Stream.concat(left.stream(), ended.stream()).toList()));
  }

  private Uni<Void> ask(
      Mutiny.StatelessSession session, List<Docket> dockets, Map<ActionId, List<String>> told) {
    List<ShareAttention.Ask> asks = new ArrayList<>();
    Map<ActionId, List<String>> eligible = new HashMap<>();
    for (Docket docket : dockets) {
      Question question = Objects.requireNonNull(docket.question(), "it waits for people");
      List<String> approvers =
          roster
              .electorate(question.action().agent(), docket.now())
              .eligible(question.requirement())
              .stream()
              .map(Approver::id)
              .toList();
      eligible.put(docket.actionId(), approvers);
      Set<String> knowing = knowing(docket, told);
      asks.add(
          new ShareAttention.Ask(
              docket.actionId(),
              Question.digestOf(question.action()),
              question.action().agent(),
              approvers.stream().filter(each -> !knowing.contains(each)).toList()));
    }
    return attention
        .share(session, asks)
        .chain(shared -> publish(session, dockets, eligible, told, shared));
  }

  /// Who was told of it, or has answered it without.
  private static Set<String> knowing(Docket docket, Map<ActionId, List<String>> told) {
    Set<String> knowing = new LinkedHashSet<>(told.getOrDefault(docket.actionId(), List.of()));
    docket.votes().stream().filter(Vote::stands).map(Vote::approver).forEach(knowing::add);
    return knowing;
  }

  private Uni<Void> publish(
      Mutiny.StatelessSession session,
      List<Docket> dockets,
      Map<ActionId, List<String>> eligible,
      Map<ActionId, List<String>> told,
      ShareAttention.Shared shared) {
    List<Outgoing> events = new ArrayList<>();
    Map<ActionId, List<String>> prompted = new HashMap<>();
    for (Docket docket : dockets) {
      Question question = Objects.requireNonNull(docket.question(), "it waits for people");
      shared
          .alarms(docket.actionId(), question.action().agent(), docket.now())
          .forEach(alarm -> events.add(new Outgoing(alarm, docket.traceparent())));
      List<String> reached = shared.reached(docket.actionId());
      if (!reached.isEmpty()) {
        Set<String> all = knowing(docket, told);
        all.addAll(reached);
        prompted.put(docket.actionId(), List.copyOf(all));
        events.add(
            new Outgoing(
                opened(
                    docket, question, eligible.getOrDefault(docket.actionId(), List.of()), reached),
                docket.traceparent()));
      }
    }
    return prompts.prompt(session, prompted).chain(() -> outbox.append(session, events));
  }

  /// The ticket as it opened, now for these people.
  private TicketOpened opened(
      Docket docket, Question question, List<String> approvers, List<String> reached) {
    return new TicketOpened(
        docket.actionId(),
        docket.now(),
        question.card(),
        question.promptDigest(),
        question.requirement(),
        approvers,
        question.expiresAt(),
        docket.batch() == null ? null : docket.batch().id(),
        URI.create(url + "/tickets/" + docket.actionId()),
        reached,
        docket.batch() == null
            ? null
            : new TicketOpened.Set(
                ReviewSet.id(question.action().agent(), docket.batch()).value(),
                docket.batch().size()));
  }
}
