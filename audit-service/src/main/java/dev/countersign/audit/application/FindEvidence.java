package dev.countersign.audit.application;

import dev.countersign.events.ActionId;
import dev.countersign.verifier.EvidenceFile;
import io.smallrye.mutiny.Uni;

/// An action's evidence as one file.
public interface FindEvidence {

  /// How many entries a file has at most: a hundred times what an action comes to.
  int MOST_ENTRIES = 2_000;

  /// How many bytes its leaves and payloads have at most, all together.
  int MOST_BYTES = 4 * 1024 * 1024;

  /// All of an action's entries, proven to one checkpoint. Where the newest of them are not
  /// cosigned yet, it waits for that, for some seconds.
  Uni<Found> find(ActionId actionId);

  /// What there is. A file holds all of the action's entries or is not made: one that left some out
  /// could leave out anything.
  sealed interface Found {

    record Whole(EvidenceFile file) implements Found {}

    /// The log holds nothing of the action.
    record Nothing() implements Found {}

    /// More than fits one file: somebody who may write to a topic filled it.
    record TooMuch() implements Found {}

    /// The witness has not signed for the newest of the entries yet.
    record NotCosigned() implements Found {}

    /// The ticket service's keys can't be had, and without them nobody could verify the file.
    record WithoutKeys() implements Found {}
  }
}
