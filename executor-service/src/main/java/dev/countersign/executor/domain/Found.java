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
  ///
  /// @param crowded whether it is so for want of our own room, whatever the target says
  record Nothing(Reason reason, boolean crowded) implements Found {}

  static Nothing gone(String label, String why) {
    return new Nothing(
        new Reason("precondition-gone", "The precondition “" + label + "” is gone: " + why + "."),
        false);
  }

  static Nothing unreadable(String label, String why) {
    return new Nothing(cannotBeRead(label, why), false);
  }

  static Nothing crowdedOut(String label) {
    return new Nothing(
        cannotBeRead(label, "too much is being read of targets at this moment; propose it anew"),
        true);
  }

  private static Reason cannotBeRead(String label, String why) {
    return new Reason(
        "precondition-unreadable", "The precondition “" + label + "” can't be read: " + why + ".");
  }
}
