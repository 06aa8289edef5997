package dev.countersign.sdk;

/// It was done before under this key, so it was not run again: {@link #answer()} has how it ended.
public final class AlreadyDone extends Exception {
  private static final long serialVersionUID = 1L;
  private final transient Answer answer;

  AlreadyDone(Answer answer) {
    super("it was done before under this key: " + answer.sayToUser());
    this.answer = answer;
  }

  public Answer answer() {
    return answer;
  }
}
