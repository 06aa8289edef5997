package dev.countersign.executor.domain;

import dev.countersign.events.Reason;

/// The parameters don't fit the connector's template, so there is nothing that could be sent.
public final class Unfit extends Exception {

  private static final long serialVersionUID = 1L;
  private final String code;

  Unfit(String code, String sentence) {
    super(sentence);
    this.code = code;
  }

  public Reason reason() {
    return new Reason(code, String.valueOf(getMessage()));
  }
}
