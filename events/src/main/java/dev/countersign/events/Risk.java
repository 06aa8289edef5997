package dev.countersign.events;

import java.util.Arrays;
import java.util.Optional;

/// What the policy gives an approver to think about, besides the rules. A prompt holds each as a
/// sentence, and its digest with it; whoever shows a prompt finds by this list which one it is, and
/// says it in the reader's language.
public enum Risk {
  NOT_IN_THE_CATALOGUE("not in the catalogue", false),
  IRREVERSIBLE("can't be undone", false),
  ENVIRONMENT("environment: ", true),
  SENSITIVITY("sensitivity: ", true),
  CALLED_DESTRUCTIVE("the agent itself calls it destructive", false),
  NOT_SURE("the agent itself is not sure", false),
  NO_WAY_BACK("the agent names no way back", false),
  SERVER_DESTRUCTIVE("the tool's server calls it destructive", false),
  SERVER_NOT_READ_ONLY("the tool's server does not call it read-only", false),
  SERVER_OPEN_WORLD("the tool's server says that it reaches beyond itself", false);

  private final String sentence;
  private final boolean named;

  Risk(String sentence, boolean named) {
    this.sentence = sentence;
    this.named = named;
  }

  /// A risk, and the operator's word for it where there is one; else that is empty.
  public record Named(Risk risk, String word) {}

  /// The sentence of a risk that needs no word.
  public String sentence() {
    return sentence("");
  }

  /// The sentence with the operator's word.
  public String sentence(String word) {
    if (word.isEmpty() == named) {
      throw new IllegalArgumentException(this + (named ? " needs a word" : " takes no word"));
    }
    return sentence + word;
  }

  /// Which one a prompt's sentence is; empty where it is none of these.
  public static Optional<Named> find(String sentence) {
    return Arrays.stream(values())
        .filter(each -> each.named ? each.begins(sentence) : sentence.equals(each.sentence))
        .map(each -> new Named(each, sentence.substring(each.sentence.length())))
        .findFirst();
  }

  private boolean begins(String text) {
    return text.startsWith(sentence) && text.length() > sentence.length();
  }
}
