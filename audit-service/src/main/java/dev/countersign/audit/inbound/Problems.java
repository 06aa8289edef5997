package dev.countersign.audit.inbound;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.audit.application.FindEvidence;
import dev.countersign.events.Bounds;
import dev.countersign.events.EventJson;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

/// Refusals as RFC 9457 has them.
final class Problems {

  private static final int RETRY_SECONDS = 5;

  private Problems() {}

  static Response problem(int status, String code, String title, String detail) {
    return response(status, json(status, code, title, detail));
  }

  private static Response response(int status, byte[] problem) {
    return Response.status(status).type("application/problem+json").entity(problem).build();
  }

  static Response tooLarge(Bounds.OutOfBounds bound) {
    return response(413, tooLarge(bound.sentence()));
  }

  /// The same, of what is refused unread.
  static byte[] tooLarge(String detail) {
    return json(413, "too-large", "Too large", detail);
  }

  private static byte[] json(int status, String code, String title, String detail) {
    return EventJson.write(
        JsonNodeFactory.instance
            .objectNode()
            .put("type", "urn:countersign:problem:" + code)
            .put("title", title)
            .put("status", status)
            .put("detail", detail));
  }

  static Response notAnId(IllegalArgumentException e) {
    return problem(400, "action-id", "Not an actionId", e.getMessage() + "; correct the path");
  }

  static Response noEntries() {
    return problem(
        404,
        "unknown-action",
        "No entries",
        "The log holds nothing of this action. Check the id; an event published just now may take"
            + " a second.");
  }

  /// What stands in the way of a file of evidence.
  static Response noEvidence(FindEvidence.Found found) {
    return switch (found) {
      case FindEvidence.Found.Whole _ -> throw new IllegalArgumentException("there is evidence");
      case FindEvidence.Found.Nothing _ -> noEntries();
      case FindEvidence.Found.TooMuch _ ->
          problem(
              422,
              "too-many-records",
              "Too many records",
              "The log holds more than %,d records of this action, or more than %,d bytes, and evidence"
                      .formatted(FindEvidence.MOST_ENTRIES, FindEvidence.MOST_BYTES)
                  + " that leaves some out would prove nothing about the rest. Somebody who may"
                  + " write to a topic has filled it: take the records of its time from"
                  + " /v1/export, and see who may write there.");
      case FindEvidence.Found.NotCosigned _ -> notCosigned();
      case FindEvidence.Found.WithoutKeys _ ->
          tryAgain(
              "no-ticket-keys",
              "The ticket service is away",
              "Its public keys can't be had, and nobody could verify evidence that does not name"
                  + " them: try again when it runs.");
    };
  }

  static Response notCosigned() {
    return tryAgain(
        "not-cosigned",
        "Not yet cosigned",
        "The witness has not signed for the newest of these entries yet. Nothing is wrong"
            + " with them: try again, and see whether the witness runs.");
  }

  private static Response tryAgain(String code, String title, String detail) {
    return Response.fromResponse(problem(503, code, title, detail))
        .header(HttpHeaders.RETRY_AFTER, RETRY_SECONDS)
        .build();
  }
}
