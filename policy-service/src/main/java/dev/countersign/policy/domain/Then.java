package dev.countersign.policy.domain;

/// What a rule or a mode says, laxest first: the strictest of several wins.
public enum Then {
  ALLOW("allow"),
  REQUIRE_APPROVAL("require-approval"),
  DENY("deny");

  private final String word;

  Then(String word) {
    this.word = word;
  }

  /// The stricter of two.
  public Then or(Then other) {
    return compareTo(other) >= 0 ? this : other;
  }

  /// As the operator writes it.
  public String word() {
    return word;
  }
}
