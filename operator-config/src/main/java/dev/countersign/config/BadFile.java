package dev.countersign.config;

/// A file that can't be put into force; the message is `file:line: sentence`.
public final class BadFile extends Exception {
  private static final long serialVersionUID = 1L;

  BadFile(String file, int line, String sentence) {
    super(file + ":" + line + ": " + sentence);
  }

  /// The one line that an operator needs: `policy.yaml:12: …`.
  public String problem() {
    return String.valueOf(getMessage());
  }
}
