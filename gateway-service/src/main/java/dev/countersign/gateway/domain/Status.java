package dev.countersign.gateway.domain;

import com.fasterxml.jackson.annotation.JsonValue;

/// How far an action has come, in the words of the contract.
///
/// ```
/// received → waiting ⇄ unreachable → approved → succeeded | failed | precondition-failed | unknown | refused
///     └─────────┴────────────┴→ rejected | denied | expired | cancelled | refused
/// ```
public enum Status {
  /// Durable here, or judged by the policy, and not yet before people or decided.
  RECEIVED("received", 1),
  /// A ticket is open: people are asked.
  WAITING("waiting", 2),
  /// A ticket is open, but not one message to those who may answer it has got through. A later
  /// decision still counts.
  UNREACHABLE("unreachable", 3),
  /// The answer is yes; how it ended has not been reported yet.
  APPROVED("approved", 4),
  SUCCEEDED("succeeded", Status.FINAL),
  FAILED("failed", Status.FINAL),
  PRECONDITION_FAILED("precondition-failed", Status.FINAL),
  /// The effect may or may not have happened.
  UNKNOWN("unknown", Status.FINAL),
  REJECTED("rejected", Status.FINAL),
  DENIED("denied", Status.FINAL),
  EXPIRED("expired", Status.FINAL),
  CANCELLED("cancelled", Status.FINAL),
  REFUSED("refused", Status.FINAL);

  private static final int FINAL = 5;

  private final String word;
  private final int stage;

  Status(String word, int stage) {
    this.word = word;
    this.stage = stage;
  }

  /// The word on the wire.
  @JsonValue
  @Override
  public String toString() {
    return word;
  }

  /// From 1 for received to 5 for every final state: a client that has seen a stage need not be
  /// told of an earlier one.
  public int stage() {
    return stage;
  }

  /// Nothing follows.
  public boolean isFinal() {
    return stage == FINAL;
  }
}
