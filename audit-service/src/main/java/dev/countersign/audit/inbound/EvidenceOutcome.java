package dev.countersign.audit.inbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Decision;
import dev.countersign.events.Execution;
import dev.countersign.events.LateOutcome;
import dev.countersign.events.Oversight;
import dev.countersign.events.Statement;
import dev.countersign.events.Trust;
import dev.countersign.events.VoteRecorded;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What people answered, and what came of it.
final class EvidenceOutcome {

  private final PdfSheet sheet;
  private final EvidenceWords words;
  private final Dossier dossier;

  EvidenceOutcome(PdfSheet sheet, EvidenceWords words, Dossier dossier) {
    this.sheet = sheet;
    this.words = words;
    this.dossier = dossier;
  }

  void write() throws IOException {
    if (!dossier.votes().isEmpty()) {
      sheet.heading(words.votes());
      for (VoteRecorded each : dossier.votes()) {
        vote(each);
      }
    }
    if (!dossier.trust().isEmpty()) {
      sheet.heading(words.trust());
      for (Trust each : dossier.trust()) {
        trust(each);
      }
    }
    Optional<Decision> decision = dossier.decision();
    if (decision.isPresent()) {
      sheet.heading(words.decision());
      decision(decision.get());
    }
    Optional<Execution> execution = dossier.execution();
    if (execution.isPresent()) {
      sheet.heading(words.execution());
      execution(execution.get());
    }
    after();
  }

  private void after() throws IOException {
    if (!dossier.lateOutcomes().isEmpty()) {
      sheet.heading(words.lateOutcome());
      for (LateOutcome each : dossier.lateOutcomes()) {
        sheet.subheading(EvidenceSummary.moment(each.at()));
        sheet.fact(words.outcome(), EvidenceStory.word(each.status()));
        sheet.fact(words.result(), joined(each.code(), each.summary()));
      }
    }
    if (!dossier.oversight().isEmpty()) {
      sheet.heading(words.oversight());
      for (Oversight each : dossier.oversight()) {
        sheet.subheading(EvidenceSummary.moment(each.at()));
        sheet.fact(words.change(), EvidenceStory.word(each.change()));
        sheet.fact(words.by(), each.by());
        sheet.fact(words.person(), each.approver());
        sheet.fact(
            words.found(), each.reconciled() == null ? null : each.reconciled().finding().word());
        sheet.fact(words.why(), each.reason() == null ? null : each.reason().text());
      }
    }
  }

  private void vote(VoteRecorded vote) throws IOException {
    sheet.subheading(vote.approver());
    sheet.fact(words.answer(), EvidenceStory.word(vote.answer()));
    sheet.fact(words.at(), EvidenceSummary.moment(vote.at()));
    sheet.fact(words.assurance(), EvidenceSummary.assurance(words, vote.assurance()));
    Optional<Statement> statement = Dossier.statement(vote);
    if (statement.isPresent() && vote.attestation() != null) {
      Statement.Approval said = statement.get().predicate();
      sheet.fact(
          words.site(), said.assertion() == null ? null : said.assertion().origin().toString());
      sheet.code(words.promptDigest(), said.promptDigest().toString());
      sheet.code(words.signedBy(), vote.attestation().signatures().getFirst().keyid());
    }
  }

  private void trust(Trust trust) throws IOException {
    sheet.subheading(EvidenceSummary.moment(trust.at()));
    sheet.fact(words.change(), EvidenceStory.word(trust.change()));
    sheet.fact(words.person(), trust.approver());
    sheet.fact(words.by(), trust.by());
    sheet.fact(words.agent(), trust.agent().id());
    sheet.fact(words.session(), trust.agent().session());
    sheet.fact(words.tool(), trust.tool().toString());
    Trust.Bounds bounds = trust.bounds();
    sheet.fact(
        words.bounds(),
        joined(
            words.calls(bounds.calls(), EvidenceSummary.moment(bounds.until())),
            bounds.sum() == null ? null : words.sum(bounds.sum()),
            bounds.condition()));
    Trust.Used used = trust.used();
    sheet.fact(words.used(), used == null ? null : joined("" + used.calls(), used.sum()));
    sheet.code(words.action(), trust.trustId() == null ? null : trust.trustId().toString());
  }

  private void decision(Decision decision) throws IOException {
    sheet.fact(words.outcome(), EvidenceStory.word(decision.outcome()));
    sheet.fact(words.at(), EvidenceSummary.moment(decision.at()));
    sheet.fact(
        words.basis(), decision.basis() == null ? null : EvidenceStory.word(decision.basis()));
    sheet.fact(words.why(), decision.reason() == null ? null : decision.reason().text());
    sheet.code(
        words.actionDigest(),
        decision.actionDigest() == null ? null : decision.actionDigest().toString());
    JsonNode claims = decision.grant() == null ? null : EvidenceStory.claims(decision.grant());
    if (claims != null) {
      sheet.subheading(words.grant());
      grant(claims);
    }
  }

  private void grant(JsonNode claims) throws IOException {
    sheet.fact(words.audience(), claims.path("aud").asText());
    sheet.fact(words.agent(), claims.path("sub").asText());
    sheet.fact(words.validity(), seconds(claims, "nbf") + " – " + seconds(claims, "exp"));
    JsonNode details = claims.at("/authorization_details/0");
    sheet.fact(words.tool(), details.at("/actions/0").asText());
    sheet.code(words.actionDigest(), details.path("action_digest").asText());
    List<String> approvals = new ArrayList<>();
    for (JsonNode each : claims.path("approvals")) {
      approvals.add(
          joined(
              each.path("approver").asText(),
              each.path("assurance").asText(),
              each.path("at").asText()));
    }
    sheet.fact(words.approvals(), String.join("\n", approvals));
  }

  private static String seconds(JsonNode claims, String member) {
    JsonNode value = claims.path(member);
    return value.isIntegralNumber() && value.canConvertToInt()
        ? EvidenceSummary.moment(Instant.ofEpochSecond(value.longValue()))
        : "?";
  }

  private void execution(Execution execution) throws IOException {
    sheet.fact(words.outcome(), EvidenceStory.word(execution.status()));
    sheet.fact(words.at(), EvidenceSummary.moment(execution.at()));
    sheet.fact(words.attempt(), Integer.toString(execution.attempt()));
    Instant started = execution.startedAt();
    sheet.fact(words.started(), started == null ? null : EvidenceSummary.moment(started));
    Instant finished = execution.finishedAt();
    sheet.fact(words.finished(), finished == null ? null : EvidenceSummary.moment(finished));
    Execution.Result result = execution.result();
    if (result != null) {
      sheet.fact(words.result(), joined(result.code(), result.summary()));
      sheet.code(words.resultDigest(), result.digest() == null ? null : result.digest().toString());
    }
    sheet.fact(words.why(), execution.reason() == null ? null : execution.reason().text());
    sheet.fact(
        words.reportedBy(),
        execution.reportedBy() == null ? null : EvidenceStory.word(execution.reportedBy()));
    sheet.code(words.actionDigest(), execution.actionDigest().toString());
  }

  private static String joined(@Nullable String... parts) {
    List<String> there = new ArrayList<>();
    for (String each : parts) {
      if (each != null && !each.isEmpty()) {
        there.add(each);
      }
    }
    return String.join(", ", there);
  }
}
