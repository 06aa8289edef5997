package dev.countersign.executor.inbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Execution.Status;
import dev.countersign.events.Reason;
import dev.countersign.executor.domain.Outcome;
import org.jspecify.annotations.Nullable;

/// What a system that runs tools itself says about how one ended: `status`, `code`, `summary`.
final class ToldOutcome {

  static final int LONGEST_CODE = 64;
  static final int LONGEST_SUMMARY = 500;

  private ToldOutcome() {}

  /// Throws `IllegalArgumentException` where it says nothing that can be taken.
  static Outcome read(JsonNode told) {
    String code = text(told, "code", LONGEST_CODE);
    String summary = text(told, "summary", LONGEST_SUMMARY);
    Status status = EventJson.read(told.path("status"), Status.class);
    Execution.Result result = code == null ? null : new Execution.Result(code, null, summary);
    Reason reason =
        switch (status) {
          case SUCCEEDED -> null;
          case FAILED ->
              new Reason(
                  "reported-failed", summary == null ? "It failed, says who ran it." : summary);
          case UNKNOWN ->
              new Reason(
                  "reported-unknown",
                  summary == null
                      ? "Who ran it does not know how it ended. Look whether it took effect."
                      : summary);
          case PRECONDITION_FAILED, REFUSED ->
              throw new IllegalArgumentException("only the executor itself says so");
        };
    return new Outcome(status, result, reason);
  }

  static @Nullable String text(JsonNode told, String member, int longest) {
    JsonNode value = told.path(member);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    String text = value.asText();
    if (!value.isTextual()
        || text.isBlank()
        || text.length() > longest
        || text.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(member + " is no text of 1 to " + longest);
    }
    return text;
  }
}
