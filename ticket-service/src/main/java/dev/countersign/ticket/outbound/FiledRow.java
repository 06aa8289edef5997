package dev.countersign.ticket.outbound;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.events.Action;
import dev.countersign.events.Batch;
import dev.countersign.events.Digest;
import dev.countersign.events.Verdict;
import dev.countersign.messaging.Received;
import dev.countersign.messaging.Trace;
import dev.countersign.ticket.application.Judgement;
import dev.countersign.ticket.application.Standing;
import dev.countersign.ticket.domain.AgentSession;
import dev.countersign.ticket.domain.Names;
import dev.countersign.ticket.domain.TrustOffer;
import java.time.Duration;
import java.util.Locale;

/// A row of `ticket` as a judgement files it.
final class FiledRow {

  private FiledRow() {}

  static ObjectNode of(Received<Judgement> received) {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    Judgement judgement = received.event();
    Digest digest = judgement.actionDigest();
    row.put("action_id", judgement.actionId().toString());
    row.put("action_digest", digest == null ? null : digest.value());
    row.put("traceparent", Trace.orNew(received.traceparent()));
    Batch batch = judgement.batch();
    row.put("batch_id", batch == null ? null : Names.indexed(batch.id()));
    row.put("batch_size", batch == null ? null : batch.size());
    row.put("alone", false);
    Action action = judgement.action();
    if (action != null) {
      row.put("asker", Columns.json(action.agent()));
      AgentSession run = AgentSession.of(action.agent());
      row.put("agent", run.agent()).put("platform", run.platform()).put("session", run.session());
      row.put("toolset", Names.indexed(action.tool().toolset()));
      row.put("tool", Names.indexed(action.tool().name()));
    }
    switch (judgement) {
      case Judgement.Opens opens -> {
        Verdict.ApprovalRequired verdict = opens.verdict();
        row.put("state", Standing.PENDING.word());
        row.put("action", Columns.json(verdict.action()));
        row.put("prompt", Columns.json(verdict.prompt()));
        row.put("prompt_digest", opens.promptDigest().value());
        row.put("card", Columns.json(opens.card()));
        row.put("requirement", Columns.json(verdict.requirement()));
        ArrayNode asks = row.putArray("asks");
        verdict.requirement().quorums().stream()
            .flatMap(quorum -> quorum.groups().stream())
            .distinct()
            .forEach(group -> asks.add(Columns.text(group)));
        row.put("question_digest", opens.question().value());
        ArrayNode prompted = row.putArray("prompted");
        opens.approvers().forEach(prompted::add);
        row.put("policy_version", verdict.policyVersion().value());
        row.put("seconds", seconds(verdict.requirement().deadline()));
        row.put("short_code", opens.card().shortCode());
        row.put("offer", TrustOffer.of(verdict).map(Columns::json).orElse(null));
        row.put("alone", Boolean.TRUE.equals(verdict.alone()));
      }
      case Judgement.Allows allows -> {
        row.put("state", Standing.APPROVED.word());
        // Shown to whoever must find out how it ended.
        row.put("action", Columns.json(allows.verdict().action()));
        row.put("policy_version", allows.verdict().policyVersion().value());
        Columns.reason(row, allows.reason());
      }
      case Judgement.SaysNo no -> {
        row.put("state", no.outcome().name().toLowerCase(Locale.ROOT));
        Columns.reason(row, no.reason());
      }
    }
    return row;
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
