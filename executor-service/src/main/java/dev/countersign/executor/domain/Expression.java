package dev.countersign.executor.domain;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/// What the operator makes of a target's answer.
public interface Expression {

  /// Whether it names this of the answer: `body`, `status` or `etag`.
  boolean reads(String name);

  /// Its value for this answer.
  ///
  /// @param body null where the answer holds no JSON
  /// @param etag null where the answer has no strong one
  JsonNode value(@Nullable JsonNode body, int status, @Nullable String etag) throws NotEvaluable;

  /// It has no value for this answer; the sentence quotes nothing of it.
  final class NotEvaluable extends Exception {
    private static final long serialVersionUID = 1L;

    public NotEvaluable(String why) {
      super(why);
    }

    public String why() {
      return String.valueOf(getMessage());
    }
  }
}
