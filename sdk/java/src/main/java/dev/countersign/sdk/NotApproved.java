package dev.countersign.sdk;

/// There is no yes to run on, and this call ran nothing: {@link #answer()} says how it stands, and
/// whether it may have taken effect (`unknown`), has ({@link Answer#tookEffect()}) or still may
/// (`waiting`, `away`).
public final class NotApproved extends Exception {
  private static final long serialVersionUID = 1L;
  private final transient Answer answer;

  NotApproved(Answer answer) {
    super(word(answer) + ": " + answer.sayToUser());
    this.answer = answer;
  }

  private static String word(Answer answer) {
    Answer.Reconciled found = answer.reconciled();
    return found == null ? answer.status().toString() : found.finding();
  }

  public Answer answer() {
    return answer;
  }
}
