package dev.countersign.sdk;

/// What was asked for was not done, and nothing was run: {@link #answer()} says how it stands.
public final class NotApproved extends Exception {
  private static final long serialVersionUID = 1L;
  private final transient Answer answer;

  NotApproved(Answer answer) {
    super(answer.status() + ": " + answer.sayToUser());
    this.answer = answer;
  }

  public Answer answer() {
    return answer;
  }
}
