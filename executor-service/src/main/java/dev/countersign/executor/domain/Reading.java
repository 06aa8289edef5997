package dev.countersign.executor.domain;

import dev.countersign.events.Precondition;
import dev.countersign.events.Reason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How all that an action rests on stands, at one moment.
public sealed interface Reading {

  /// @param ifMatch the entity tag that the effect's request is to carry
  record Read(List<Precondition> preconditions, @Nullable String ifMatch) implements Reading {
    public Read {
      preconditions = List.copyOf(preconditions);
    }
  }

  /// The first of them that has no value says why; one that is so by its target before one that is
  /// not.
  ///
  /// @param crowded whether it is so for want of our own room or time alone
  record Unread(Reason reason, boolean crowded) implements Reading {}

  /// Where there is nothing to read.
  Reading NOTHING = new Read(List.of(), null);

  /// What these come to together, in their order.
  static Reading of(List<Found> found) {
    List<Precondition> preconditions = new ArrayList<>();
    String ifMatch = null;
    Unread crowded = null;
    for (Found each : found) {
      switch (each) {
        case Found.Nothing it -> {
          if (!it.crowded()) {
            return new Unread(it.reason(), false);
          }
          crowded = crowded == null ? new Unread(it.reason(), true) : crowded;
        }
        case Found.Value it -> {
          preconditions.add(it.precondition());
          ifMatch = it.ifMatch() == null ? ifMatch : it.ifMatch();
        }
      }
    }
    return crowded == null ? new Read(preconditions, ifMatch) : crowded;
  }
}
