package dev.countersign.ticket.domain;

import java.util.Set;

/// A person who may answer, with the groups they stand in now, stand-ins counted.
public record Approver(String id, Set<String> groups) {
  public Approver {
    groups = Set.copyOf(groups);
  }
}
