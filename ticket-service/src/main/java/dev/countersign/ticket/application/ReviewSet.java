package dev.countersign.ticket.application;

import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Batch;
import dev.countersign.events.Canonical;
import dev.countersign.events.Digest;
import dev.countersign.ticket.domain.Names;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Questions that people answer together, as one coherent set: each keeps its own ticket, digest,
/// decision and attestation.
///
/// @param kind why they belong together
/// @param announced how many actions belong to it, as their proposer said
/// @param arrived how many of those came in, also those that nobody has to be asked about
/// @param members those that people are asked about, or were, the oldest first
public record ReviewSet(Kind kind, int announced, int arrived, List<Docket> members) {

  /// Why questions are answered together.
  public enum Kind {
    /// They were proposed together.
    BATCH,
    /// They ask the same, word for word: one agent, run, tool and parameters.
    ALIKE
  }

  public ReviewSet {
    members = List.copyOf(members);
  }

  /// Tickets that ask the same.
  public static ReviewSet alike(List<Docket> members) {
    return new ReviewSet(Kind.ALIKE, members.size(), members.size(), members);
  }

  /// The same without the members that do not concern somebody.
  ReviewSet only(Predicate<Docket> theirs) {
    List<Docket> left = members.stream().filter(theirs).toList();
    return switch (kind) {
      case BATCH -> new ReviewSet(kind, announced, arrived, left);
      case ALIKE -> alike(left);
    };
  }

  /// The same without the members that are not among these: what came in since somebody looked.
  public ReviewSet among(Set<ActionId> ids) {
    return only(each -> ids.contains(each.actionId()));
  }

  /// Whether all of these are among its members.
  public boolean holds(Set<ActionId> ids) {
    return members.stream().map(Docket::actionId).collect(Collectors.toSet()).containsAll(ids);
  }

  /// How many have not come in yet.
  public int missing() {
    return Math.max(0, announced - arrived);
  }

  /// What names the set of a batch. Who asks, in which run, for whom and how many stand in it: what
  /// another agent or run calls the same, or counts otherwise, is another set.
  static Digest id(Agent agent, Batch batch) {
    return Canonical.digest(
        Stream.of(
                agent.id(),
                agent.platform(),
                agent.session(),
                agent.onBehalfOf(),
                Names.indexed(batch.id()),
                String.valueOf(batch.size()))
            .toList());
  }
}
