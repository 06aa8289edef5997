package dev.countersign.sdk;

/// There is no yes to run on, and this call ran nothing: {@link #answer()} says how it stands, and
/// whether it may have taken effect (`unknown`) or still may (`waiting`, `away`).
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
