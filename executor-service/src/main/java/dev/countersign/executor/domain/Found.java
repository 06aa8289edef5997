package dev.countersign.executor.domain;

import dev.countersign.events.Precondition;
import dev.countersign.events.Reason;
import org.jspecify.annotations.Nullable;

/// What a probe found.
public sealed interface Found {

  /// @param ifMatch the entity tag that the effect's request is to carry; null where it is to carry
  ///   none
  record Value(Precondition precondition, @Nullable String ifMatch) implements Found {}

  /// There is no value, or it can't be told.
  record Nothing(Reason reason) implements Found {}

  static Nothing gone(String label, String why) {
    return new Nothing(
        new Reason("precondition-gone", "The precondition “" + label + "” is gone: " + why + "."));
  }

  static Nothing unreadable(String label, String why) {
    return new Nothing(
        new Reason(
            "precondition-unreadable",
            "The precondition “" + label + "” can't be read: " + why + "."));
  }
}
