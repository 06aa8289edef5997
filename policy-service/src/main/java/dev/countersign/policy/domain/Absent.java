package dev.countersign.policy.domain;

/// A JSON null inside a list: counted, and equal to nothing.
public enum Absent {
  ABSENT
}
