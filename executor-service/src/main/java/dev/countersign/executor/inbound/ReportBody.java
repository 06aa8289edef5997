package dev.countersign.executor.inbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.EventJson;
import dev.countersign.events.Execution;
import dev.countersign.events.Execution.Status;
import dev.countersign.events.Reason;
import dev.countersign.executor.application.Receipt;
import dev.countersign.executor.domain.Outcome;
import org.jspecify.annotations.Nullable;

/// What whoever redeemed a grant says about how it ended.
record ReportBody(Receipt receipt, Outcome outcome) {

  static final int LONGEST_CODE = 64;
  static final int LONGEST_SUMMARY = 500;

  /// Throws `IllegalArgumentException` where it says nothing that can be taken.
  static ReportBody read(byte @Nullable [] body) {
    JsonNode report = EventJson.readTree(body == null ? new byte[0] : body);
    String receipt = text(report, "receipt", 128);
    if (receipt == null) {
      throw new IllegalArgumentException("no receipt");
    }
    String code = text(report, "code", LONGEST_CODE);
    String summary = text(report, "summary", LONGEST_SUMMARY);
    Status status = EventJson.read(EventJson.write(report.path("status")), Status.class);
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
    return new ReportBody(new Receipt(receipt), new Outcome(status, result, reason));
  }

  private static @Nullable String text(JsonNode report, String member, int longest) {
    JsonNode value = report.path(member);
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
