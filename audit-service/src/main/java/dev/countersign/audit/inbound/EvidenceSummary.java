package dev.countersign.audit.inbound;

import dev.countersign.events.Assurance;
import dev.countersign.events.Decision;
import dev.countersign.events.Execution;
import dev.countersign.events.Prompt;
import dev.countersign.events.Verdict;
import dev.countersign.events.VoteRecorded;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What happened, in one sentence: who answered what they were shown, when, by which assurance, and
/// how it ended. Only of evidence that was verified.
final class EvidenceSummary {

  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final EvidenceWords words;
  private final Dossier dossier;

  EvidenceSummary(EvidenceWords words, Dossier dossier) {
    this.words = words;
    this.dossier = dossier;
  }

  String sentence() {
    List<String> parts = new ArrayList<>();
    dossier.votes().forEach(each -> parts.add(vote(each)));
    decided(parts);
    String all = String.join("; ", parts) + ".";
    // A person's id stays as it is.
    return dossier.votes().isEmpty()
        ? all.substring(0, 1).toUpperCase(Locale.ROOT) + all.substring(1)
        : all;
  }

  private String vote(VoteRecorded vote) {
    Optional<Prompt> prompt = Dossier.prompt(vote).or(dossier::prompt);
    String title = prompt.map(Prompt::title).orElse("?");
    String target = prompt.map(Prompt::target).orElse("?");
    String how = assurance(words, vote.assurance());
    return switch (vote.answer()) {
      case APPROVE -> words.approved(vote.approver(), title, target, moment(vote.at()), how);
      case REJECT -> words.rejected(vote.approver(), title, target, moment(vote.at()), how);
    };
  }

  private void decided(List<String> parts) {
    Optional<Decision> decision = dossier.decision();
    if (decision.isPresent()) {
      parts.add(decision(decision.get()));
      if (decision.get().outcome() == Decision.Outcome.APPROVED) {
        parts.add(dossier.execution().map(this::ended).orElseGet(words::notEnded));
      }
    } else {
      parts.add(
          dossier.expired().map(it -> words.expired(moment(it.at()))).orElseGet(words::undecided));
    }
  }

  private String decision(Decision decision) {
    String at = moment(decision.at());
    String why = decision.reason() == null ? "?" : decision.reason().text();
    return switch (decision.outcome()) {
      case APPROVED -> approved(decision, at);
      case REJECTED -> words.turnedDown(at);
      case DENIED -> words.denied(at, why);
      case CANCELLED -> words.cancelled(at);
      case REFUSED -> words.refused(at, why);
    };
  }

  private String approved(Decision decision, String at) {
    if (decision.basis() == Decision.Basis.VOTES) {
      return words.byVotes(at);
    }
    String call = decision.action() == null ? "?" : decision.action().tool().toString();
    return decision.basis() == Decision.Basis.TRUST
        ? words.byTrust(call, at)
        : words.byPolicy(call, at);
  }

  private String ended(Execution execution) {
    String at = moment(execution.finishedAt() == null ? execution.at() : execution.finishedAt());
    return switch (execution.status()) {
      case SUCCEEDED -> words.succeeded(at);
      case FAILED -> words.failed(at);
      case PRECONDITION_FAILED -> words.preconditionFailed(at);
      case REFUSED -> words.notCarriedOut(at);
      case UNKNOWN -> words.unknown(at);
    };
  }

  static String assurance(EvidenceWords words, Assurance assurance) {
    return switch (assurance) {
      case SIGNED_IN -> words.signedIn();
      case CODE -> words.code();
      case CHANNEL -> words.channel();
      case PASSKEY -> words.passkey();
    };
  }

  /// The word of a verdict.
  static String word(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Allowed _ -> "allowed";
      case Verdict.ApprovalRequired _ -> "approval-required";
      case Verdict.Denied _ -> "denied";
      case Verdict.Refused _ -> "refused";
    };
  }

  /// In UTC, to the second.
  static String moment(Instant at) {
    return MOMENT.format(at);
  }
}
