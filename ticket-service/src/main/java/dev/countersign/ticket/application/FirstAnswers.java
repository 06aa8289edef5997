package dev.countersign.ticket.application;

import dev.countersign.events.Batch;
import dev.countersign.events.Decision;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Verdict;
import dev.countersign.messaging.Outgoing;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/// What is published of a verdict when it is filed: the question to people, or the answer at once.
@ApplicationScoped
class FirstAnswers {

  private final String url;

  @Inject
  FirstAnswers(@ConfigProperty(name = "countersign.ticket.url") String url) {
    this.url = url;
  }

  Outgoing opened(
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

  static Outgoing approved(
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

  static Outgoing no(Judgement.SaysNo no, Tickets.Filed row, @Nullable String traceparent) {
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
}
