package dev.countersign.audit.inbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Agent;
import dev.countersign.events.EventJson;
import dev.countersign.events.Intent;
import dev.countersign.events.Precondition;
import dev.countersign.events.Prompt;
import dev.countersign.events.Requirement;
import dev.countersign.events.Rule;
import dev.countersign.events.Verdict;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What was asked, and what people were shown: the part of the document up to their answers.
final class EvidenceStory {

  private final PdfSheet sheet;
  private final EvidenceWords words;
  private final Dossier dossier;

  EvidenceStory(PdfSheet sheet, EvidenceWords words, Dossier dossier) {
    this.sheet = sheet;
    this.words = words;
    this.dossier = dossier;
  }

  void write() throws IOException {
    var prompt = dossier.prompt();
    if (prompt.isPresent()) {
      sheet.heading(dossier.votes().isEmpty() ? words.shownNobody() : words.shown());
      prompt(prompt.get());
    }
    var verdict = dossier.verdict();
    if (verdict.isPresent()) {
      sheet.heading(words.rulesAndFacts());
      verdict(verdict.get());
    }
    var proposal = dossier.proposal();
    if (proposal.isPresent()) {
      sheet.heading(words.proposal());
      sheet.fact(words.tool(), proposal.get().tool().toString());
      agent(proposal.get().agent());
      intent(proposal.get().intent());
      sheet.subheading(words.parameters());
      sheet.mono(proposal.get().parameters().toPrettyString());
    }
  }

  private void prompt(Prompt prompt) throws IOException {
    sheet.fact(words.what(), prompt.title());
    sheet.fact(words.target(), prompt.target());
    sheet.fact(words.effect(), prompt.effect());
    for (Prompt.Field each : prompt.fields()) {
      sheet.fact(each.label(), each.value());
    }
    sheet.fact(words.risks(), String.join("\n", prompt.risks()));
    for (Precondition each : prompt.preconditions()) {
      sheet.fact(words.restsOn(each.label()), each.value());
    }
    rules(prompt.rules());
    intent(prompt.agentSays());
    if (prompt.rollbackPlan() != null) {
      sheet.fenced(words.rollback(), prompt.rollbackPlan());
    }
    sheet.code(words.actionDigest(), prompt.actionDigest().toString());
    sheet.code(words.policyVersion(), prompt.policyVersion().toString());
  }

  private void rules(List<Rule> rules) throws IOException {
    for (Rule each : rules) {
      sheet.fact(words.rule(), each.says() + " (" + each.id() + ")");
    }
  }

  /// What the agent says of itself: fenced, and marked as its own.
  private void intent(@Nullable Intent intent) throws IOException {
    if (intent == null) {
      return;
    }
    String said =
        List.of(
                line(words.summary(), intent.summary()),
                line(words.why(), intent.reason()),
                line(words.expected(), intent.expectedEffect()),
                line(words.rollback(), intent.rollbackPlan()),
                line(
                    words.confidence(),
                    intent.confidence() == null ? null : intent.confidence().toString()))
            .stream()
            .filter(each -> !each.isEmpty())
            .collect(Collectors.joining("\n"));
    if (!said.isEmpty()) {
      sheet.fenced(words.agentSays(), said);
    }
  }

  private static String line(String label, @Nullable String text) {
    return text == null || text.isEmpty() ? "" : label + ": " + text;
  }

  private void agent(Agent agent) throws IOException {
    sheet.fact(words.agent(), agent.id());
    sheet.fact(words.platform(), agent.platform());
    sheet.fact(words.session(), agent.session());
    sheet.fact(words.onBehalfOf(), agent.onBehalfOf());
    sheet.fact(words.owner(), agent.owner());
  }

  private void verdict(Verdict verdict) throws IOException {
    sheet.fact(words.verdict(), EvidenceSummary.word(verdict));
    sheet.fact(words.at(), EvidenceSummary.moment(verdict.at()));
    switch (verdict) {
      case Verdict.Allowed it -> judged(it.rules(), it.facts(), it.policyVersion().toString());
      case Verdict.ApprovalRequired it -> {
        judged(it.rules(), it.facts(), it.policyVersion().toString());
        sheet.subheading(words.asked());
        requirement(it.requirement());
      }
      case Verdict.Denied it -> {
        sheet.fact(words.why(), it.reason().text());
        judged(it.rules(), it.facts(), it.policyVersion().toString());
      }
      case Verdict.Refused it -> sheet.fact(words.why(), it.reason().text());
    }
  }

  private void judged(List<Rule> rules, @Nullable JsonNode facts, String version)
      throws IOException {
    rules(rules);
    if (facts != null) {
      for (var each : facts.properties()) {
        JsonNode value = each.getValue();
        sheet.fact(each.getKey(), value.isValueNode() ? value.asText() : value.toString());
      }
    }
    sheet.code(words.policyVersion(), version);
  }

  private void requirement(Requirement requirement) throws IOException {
    sheet.fact(
        words.whoMustApprove(),
        requirement.quorums().stream()
            .map(each -> words.quorum(each.count(), String.join(", ", each.groups())))
            .collect(Collectors.joining("\n")));
    sheet.fact(words.assurance(), EvidenceSummary.assurance(words, requirement.assurance()));
    sheet.fact(words.deadline(), requirement.deadline().toString());
  }

  /// What a grant claims (RFC 7519): it is a signed permission, and the executor checks that.
  static @Nullable JsonNode claims(String grant) {
    String[] parts = grant.split("\\.", -1);
    try {
      return parts.length == 3 ? EventJson.readTree(Base64.getUrlDecoder().decode(parts[1])) : null;
    } catch (IllegalArgumentException e) {
      // The attached file holds it as it is.
      return null;
    }
  }

  /// An enum's constant as it stands in JSON.
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
