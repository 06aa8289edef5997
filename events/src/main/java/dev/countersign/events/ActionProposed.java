package dev.countersign.events;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An agent asks for one tool call. `deadline` may shorten the policy's and never lengthens it; the
/// least is one second.
public record ActionProposed(
    ActionId actionId,
    @Nullable Instant at,
    Agent agent,
    Tool tool,
    JsonNode parameters,
    @Nullable Intent intent,
    @Nullable JsonNode annotations,
    @Nullable Batch batch,
    @Nullable Duration deadline)
    implements Event {

  /// The `typ` of the JWS in whose signature its platform signs for it (RFC 7515 §4.1.9).
  public static final String SIGNATURE_TYPE = "countersign-proposal+jws";

  private static final Duration LEAST_DEADLINE = Duration.ofSeconds(1);
  private static final JsonFactory JSON = new JsonFactory();

  /// The action that is asked for, without the words around it.
  public Action action() {
    return new Action(agent, tool, parameters);
  }

  /// The digest by which two proposals are the same action.
  public Digest digest() {
    return action().digest(actionId);
  }

  /// Reads what a stranger sent. Bounds come before any parsing cost; what is missing or has the
  /// wrong type is named.
  public static ActionProposed read(byte[] json) throws Bounds.OutOfBounds {
    Bounds.check(json);
    ActionProposed proposal;
    try {
      proposal = EventJson.read(json, ActionProposed.class);
    } catch (IllegalArgumentException e) {
      throw new Bounds.OutOfBounds("shape", "not a proposal: " + e.getMessage());
    }
    proposal.checkValues();
    return proposal;
  }

  private void checkValues() throws Bounds.OutOfBounds {
    if (agent.id().isBlank()) {
      throw new Bounds.OutOfBounds("shape", "agent.id is blank; name the agent");
    }
    if (tool.toolset().isBlank() || tool.name().isBlank()) {
      throw new Bounds.OutOfBounds("shape", "tool.toolset and tool.name must not be blank");
    }
    if (!parameters.isObject()) {
      throw new Bounds.OutOfBounds("shape", "parameters must be an object");
    }
    // NaN is neither, and the library reads it from a text.
    Double confidence = intent == null ? null : intent.confidence();
    if (confidence != null && !(confidence >= 0 && confidence <= 1)) {
      throw new Bounds.OutOfBounds("shape", "intent.confidence must be a number from 0 to 1");
    }
    if (deadline != null && deadline.compareTo(LEAST_DEADLINE) < 0) {
      throw new Bounds.OutOfBounds("shape", "deadline must be at least PT1S");
    }
  }

  /// The `actionId` of a record that is no good otherwise, so that its proposer can be answered:
  /// the top-level member, if it comes before whatever cannot be read.
  public static Optional<ActionId> findActionId(byte[] json) {
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean found = parser.currentName().equals("actionId");
        if (parser.nextToken() == JsonToken.VALUE_STRING && found) {
          return Optional.of(ActionId.of(parser.getText()));
        }
        parser.skipChildren();
      }
      return Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      // The caller refuses the record anyway; without an id there is nobody to tell.
      return Optional.empty();
    }
  }
}
