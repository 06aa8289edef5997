package dev.countersign.policy.domain;

/// An expression has no value for these inputs. The sentence never holds a parameter's value.
public final class NotEvaluable extends Exception {
  private static final long serialVersionUID = 1L;

  public NotEvaluable(String sentence) {
    super(sentence);
  }

  public String sentence() {
    return String.valueOf(getMessage());
  }
}
