package dev.countersign.executor.inbound;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import dev.countersign.executor.application.Receipt;
import dev.countersign.executor.domain.Outcome;
import org.jspecify.annotations.Nullable;

/// What whoever redeemed a grant says about how it ended.
record ReportBody(Receipt receipt, Outcome outcome) {

  static final EventJson.Bounded BODY = new EventJson.Bounded(16 * 1024, 1024);

  /// Throws `IllegalArgumentException` where it says nothing that can be taken.
  static ReportBody read(byte @Nullable [] body) throws Bounds.OutOfBounds {
    JsonNode report = BODY.readTree(body == null ? new byte[0] : body);
    String receipt = ToldOutcome.text(report, "receipt", 128);
    if (receipt == null) {
      throw new IllegalArgumentException("no receipt");
    }
    return new ReportBody(new Receipt(receipt), ToldOutcome.read(report));
  }
}
