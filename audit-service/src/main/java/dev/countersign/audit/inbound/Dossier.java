package dev.countersign.audit.inbound;

import dev.countersign.events.ActionProposed;
import dev.countersign.events.Decision;
import dev.countersign.events.Event;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Expired;
import dev.countersign.events.LateOutcome;
import dev.countersign.events.Oversight;
import dev.countersign.events.Payload;
import dev.countersign.events.Prompt;
import dev.countersign.events.Statement;
import dev.countersign.events.Topics;
import dev.countersign.events.Trust;
import dev.countersign.events.Verdict;
import dev.countersign.events.VoteRecorded;
import dev.countersign.verifier.EvidenceFile;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// An action's evidence as events, where its entries are some: anybody with a topic may have
/// written to it, and what is none, or proves nothing, is left to the attached file.
final class Dossier {

  private final EvidenceFile file;
  private final Set<Long> ignored;

  /// @param ignored the indexes of the entries from which nothing is concluded
  Dossier(EvidenceFile file, Collection<Long> ignored) {
    this.file = file;
    this.ignored = Set.copyOf(ignored);
  }

  EvidenceFile file() {
    return file;
  }

  Optional<ActionProposed> proposal() {
    return first(Topics.ACTION_PROPOSED, ActionProposed.class);
  }

  Optional<Verdict> verdict() {
    return first(Topics.VERDICT, Verdict.class);
  }

  List<VoteRecorded> votes() {
    return all(Topics.VOTE_RECORDED, VoteRecorded.class);
  }

  Optional<Decision> decision() {
    return first(Topics.DECISION, Decision.class);
  }

  Optional<Expired> expired() {
    return first(Topics.EXPIRED, Expired.class);
  }

  Optional<Execution> execution() {
    return first(Topics.EXECUTION, Execution.class);
  }

  List<LateOutcome> lateOutcomes() {
    return all(Topics.LATE_OUTCOME, LateOutcome.class);
  }

  List<Trust> trust() {
    return all(Topics.TRUST, Trust.class);
  }

  List<Oversight> oversight() {
    return all(Topics.OVERSIGHT, Oversight.class);
  }

  /// The prompt that people voted on, as they signed it; where nobody did, the verdict's.
  Optional<Prompt> prompt() {
    return votes().stream()
        .flatMap(each -> prompt(each).stream())
        .findFirst()
        .or(() ->
            verdict()
                .filter(Verdict.ApprovalRequired.class::isInstance)
                .map(it -> ((Verdict.ApprovalRequired) it).prompt()));
  }

  /// What the person who gave this vote was shown; empty where it does not say.
  static Optional<Prompt> prompt(VoteRecorded vote) {
    return statement(vote)
        .flatMap(it -> read(EventJson.write(it.predicate().prompt()), Prompt.class));
  }

  /// What a vote's attestation says; empty where it has none that can be read.
  static Optional<Statement> statement(VoteRecorded vote) {
    return vote.attestation() == null
        ? Optional.empty()
        : read(vote.attestation().body(), Statement.class);
  }

  private <T extends Event> Optional<T> first(String topic, Class<T> type) {
    return all(topic, type).stream().findFirst();
  }

  private <T extends Event> List<T> all(String topic, Class<T> type) {
    List<T> events = new ArrayList<>();
    for (EvidenceFile.Item item : file.entries()) {
      if (item.topic().equals(topic) && item.value() != null && !ignored.contains(item.index())) {
        event(Base64.getDecoder().decode(item.value()), type)
            .filter(it -> it.actionId().equals(file.actionId()))
            .ifPresent(events::add);
      }
    }
    return events;
  }

  private static <T extends Event> Optional<T> event(byte[] value, Class<T> type) {
    try {
      return Optional.of(EventJson.read(Payload.event(EventJson.readTree(value)), type));
    } catch (IllegalArgumentException e) {
      // It stands among the entries, and says nothing here.
      return Optional.empty();
    }
  }

  private static <T> Optional<T> read(byte[] json, Class<T> type) {
    try {
      return Optional.of(EventJson.read(json, type));
    } catch (IllegalArgumentException e) {
      // It stands among the entries, and says nothing here.
      return Optional.empty();
    }
  }
}
