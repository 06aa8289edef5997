package dev.countersign.audit.domain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.countersign.events.EventJson;
import dev.countersign.events.Payload;
import dev.countersign.events.Topics;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What an entry shows of an action and of people, for whoever searches. Whatever cannot be read
/// shows nothing: anybody may have written it.
public record Sighting(
    @Nullable String agent,
    @Nullable String toolset,
    @Nullable String tool,
    Optional<Outcome> outcome,
    Set<Mention> mentions) {

  private static final JsonNode NONE = MissingNode.getInstance();

  /// A person, by [Names#key].
  public record Mention(String person, Role role) {}

  /// An entry that shows nothing.
  public static final Sighting NOTHING = new Sighting(null, null, null, Optional.empty(), Set.of());

  /// In a record's value.
  public static Sighting in(String topic, byte @Nullable [] value) {
    JsonNode event = event(value);
    if (!event.isObject()) {
      return NOTHING;
    }
    // A dead letter is about what was not taken: of its action it shows nothing.
    boolean taken = !topic.equals(Topics.DEAD_LETTER);
    JsonNode action = action(topic, event);
    return new Sighting(
        taken ? text(action.at("/agent/id")) : null,
        taken ? text(action.at("/tool/toolset")) : null,
        taken ? text(action.at("/tool/name")) : null,
        taken ? Outcome.said(topic, event) : Optional.empty(),
        // Whose it was is not known: of a proposal or of a decision.
        mentions(event, taken ? List.of(action) : List.of(event, event.path("action"))));
  }

  /// Where an event says who calls what: a verdict and a decision of an action apart, the others
  /// themselves. A member of this name in another is of nobody's making but its writer's.
  public static JsonNode action(String topic, JsonNode event) {
    boolean apart = topic.equals(Topics.VERDICT) || topic.equals(Topics.DECISION);
    return apart && event.path("action").isObject() ? event.path("action") : event;
  }

  private static Set<Mention> mentions(JsonNode event, List<JsonNode> actions) {
    Set<Mention> mentions = new LinkedHashSet<>();
    add(mentions, event.path("approver"), Role.APPROVER);
    add(mentions, event.path("recipient"), Role.RECIPIENT);
    add(mentions, event.path("by"), Role.BY);
    for (JsonNode action : actions) {
      add(mentions, action.at("/agent/onBehalfOf"), Role.REQUESTER);
      add(mentions, action.at("/agent/owner"), Role.OWNER);
    }
    event.path("approvers").forEach(each -> add(mentions, each, Role.ASKED));
    event.path("prompted").forEach(each -> add(mentions, each, Role.ASKED));
    addSigner(mentions, event.path("attestation"));
    event.path("attestations").forEach(each -> addSigner(mentions, each));
    grant(event.path("grant").asText())
        .path("approvals")
        .forEach(each -> add(mentions, each.path("approver"), Role.APPROVER));
    return mentions;
  }

  /// Of a DSSE envelope.
  private static void addSigner(Set<Mention> mentions, JsonNode envelope) {
    JsonNode statement = json(decoded(Base64.getDecoder(), envelope.path("payload").asText()));
    add(mentions, statement.at("/predicate/approver"), Role.APPROVER);
  }

  /// The claims of a JWT.
  private static JsonNode grant(String jwt) {
    String[] parts = jwt.split("\\.", -1);
    return json(parts.length == 3 ? decoded(Base64.getUrlDecoder(), parts[1]) : null);
  }

  private static void add(Set<Mention> mentions, JsonNode name, Role role) {
    String text = text(name);
    // These are no persons: whoever holds the machine, and a rule.
    if (text != null && !text.equals("operator") && !text.equals("countersign")) {
      mentions.add(new Mention(Names.key(text), role));
    }
  }

  private static @Nullable String text(JsonNode node) {
    return node.isTextual() && !node.textValue().isBlank() ? Names.shown(node.textValue()) : null;
  }

  private static byte @Nullable [] decoded(Base64.Decoder decoder, String text) {
    try {
      return decoder.decode(text);
    } catch (IllegalArgumentException _) {
      // Not what we signed.
      return null;
    }
  }

  private static JsonNode event(byte @Nullable [] value) {
    try {
      return Payload.event(json(value));
    } catch (IllegalArgumentException _) {
      // A CloudEvent around what is no JSON.
      return NONE;
    }
  }

  private static JsonNode json(byte @Nullable [] bytes) {
    try {
      return bytes == null ? NONE : EventJson.readTree(bytes);
    } catch (IllegalArgumentException _) {
      // No JSON is an answer here: the record is logged as what it is.
      return NONE;
    }
  }
}
