package dev.countersign.audit.application;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.countersign.audit.domain.Sighting;
import dev.countersign.events.Payload;
import dev.countersign.events.Topics;

/// What an entry comes to, in a word each: who called what, which person it is about, and how it
/// went. Read from whatever stands there, as anybody with a topic may write to it: what is missing,
/// or has another shape, is empty.
record Gist(Caller caller, String person, String outcome) {

  /// Of an entry, whose own words come before those of its action's proposal.
  static Gist of(LoggedEntry entry, Caller proposed) {
    JsonNode event = event(entry);
    Caller own = Caller.of(Sighting.action(entry.topic(), event));
    return new Gist(
        own.known() ? own : proposed, person(entry.topic(), event), outcome(entry.topic(), event));
  }

  private static JsonNode event(LoggedEntry entry) {
    try {
      return entry.event() == null ? MissingNode.getInstance() : Payload.event(entry.event());
    } catch (IllegalArgumentException e) {
      // A CloudEvent around what is no JSON says nothing.
      return MissingNode.getInstance();
    }
  }

  private static String person(String topic, JsonNode event) {
    return switch (topic) {
      case Topics.TICKET_SEEN, Topics.VOTE_SUBMITTED, Topics.VOTE_RECORDED, Topics.TRUST ->
          text(event, "/approver");
      case Topics.NOTIFICATION -> text(event, "/recipient");
      case Topics.ACTION_CANCELLED, Topics.OVERSIGHT -> text(event, "/by");
      // Nobody stands in the others.
      default -> "";
    };
  }

  private static String outcome(String topic, JsonNode event) {
    return switch (topic) {
      case Topics.VERDICT -> text(event, "/verdict");
      case Topics.VOTE_SUBMITTED, Topics.VOTE_RECORDED -> text(event, "/answer");
      case Topics.DECISION -> text(event, "/outcome");
      case Topics.EXECUTION, Topics.LATE_OUTCOME, Topics.NOTIFICATION -> text(event, "/status");
      case Topics.TRUST, Topics.OVERSIGHT -> text(event, "/change");
      case Topics.EXPIRED -> "expired";
      case Topics.ACTION_CANCELLED -> "cancelled";
      // The others are steps, and end nothing.
      default -> "";
    };
  }

  /// The text at a JSON pointer; empty where there is none.
  static String text(JsonNode json, String pointer) {
    JsonNode found = json.at(pointer);
    return found.isTextual() ? found.textValue() : "";
  }
}
