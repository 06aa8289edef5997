package dev.countersign.gateway.inbound;

import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/// The body of a cancellation, which may be missing.
record Cancellation(
    @Schema(description = "Why, in a sentence of at most 1,000 characters.")
        @Nullable String reason) {

  private static final int LONGEST_REASON = 1_000;

  static Cancellation read(byte @Nullable [] body) {
    if (body == null || body.length == 0) {
      return new Cancellation(null);
    }
    try {
      Bounds.check(body);
      Cancellation cancellation = EventJson.read(body, Cancellation.class);
      if (cancellation.reason != null && cancellation.reason.length() > LONGEST_REASON) {
        throw new IllegalArgumentException("reason has more than 1,000 characters; shorten it");
      }
      return cancellation;
    } catch (Bounds.OutOfBounds e) {
      throw invalid(e.code(), e.sentence());
    } catch (IllegalArgumentException e) {
      throw invalid("shape", String.valueOf(e.getMessage()));
    }
  }

  private static Problem.Thrown invalid(String code, String sentence) {
    return new Problem.Thrown(Problem.of(400, code, "Not a cancellation", sentence));
  }
}
