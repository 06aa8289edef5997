package dev.countersign.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.events.Action;
import dev.countersign.events.ActionId;
import dev.countersign.events.Agent;
import dev.countersign.events.Assurance;
import dev.countersign.events.Digest;
import dev.countersign.events.Tool;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an authentic grant says: its signature was good when this was made of it. It permits
/// exactly one action, once, for a short while (RFC 7519, RFC 9396).
///
/// @param audience the toolset
/// @param subject the agent's id
/// @param agent who asked, as far as the action's digest covers it
/// @param approvals the votes behind it; none where the policy itself allowed it
/// @param preconditions what those who approved were shown of the target, and must still be so
/// @param toolDigest the tool's entry in the operator's catalogue as it was judged by; null where
///   it has none
public record Grant(
    String issuer,
    String audience,
    String subject,
    ActionId actionId,
    Instant notBefore,
    Instant expiresAt,
    String type,
    List<String> actions,
    String identifier,
    Digest actionDigest,
    Agent agent,
    List<Approval> approvals,
    List<Promise> preconditions,
    @Nullable Digest toolDigest) {

  /// The `type` of a grant's one authorization detail.
  public static final String TOOL_CALL = "urn:countersign:tool-call:v1";

  /// Who approved, how surely it was them, and when.
  public record Approval(String approver, Assurance assurance, Instant at) {}

  /// SHA-256 over the RFC 8785 form of what was read of the target.
  public record Promise(String label, Digest fingerprint) {}

  public Grant {
    actions = List.copyOf(actions);
    approvals = List.copyOf(approvals);
    preconditions = List.copyOf(preconditions);
  }

  /// One that rests on nothing.
  public Grant(
      String issuer,
      String audience,
      String subject,
      ActionId actionId,
      Instant notBefore,
      Instant expiresAt,
      String type,
      List<String> actions,
      String identifier,
      Digest actionDigest,
      Agent agent,
      List<Approval> approvals) {
    this(
        issuer,
        audience,
        subject,
        actionId,
        notBefore,
        expiresAt,
        type,
        actions,
        identifier,
        actionDigest,
        agent,
        approvals,
        List.of(),
        null);
  }

  /// Throws where this grant, authentic as it is, does not permit exactly this action. Of all that
  /// can be wrong, `grant-digest` alone says that it permits another action under the same id.
  public void mustPermit(ActionId id, Action action, String expectedIssuer) throws InvalidGrant {
    InvalidGrant.unless(
        issuer.equals(expectedIssuer), "grant-issuer", "the grant's iss is not " + expectedIssuer);
    InvalidGrant.unless(
        actionId.equals(id), "grant-action", "the grant's jti is another action's id");
    InvalidGrant.unless(
        type.equals(TOOL_CALL) && identifier.equals(actionId.toString()),
        "grant-details",
        "the grant's authorization_details are not of this call");
    InvalidGrant.unless(
        isOf(action),
        InvalidGrant.DIGEST,
        "the grant was given for another action: parameters, tool or agent differ");
    InvalidGrant.unless(
        audience.equals(action.tool().toolset()),
        "grant-audience",
        "the grant's aud is not the action's toolset");
    InvalidGrant.unless(
        subject.equals(action.agent().id()),
        "grant-subject",
        "the grant's sub is not the action's agent");
    InvalidGrant.unless(
        actions.equals(List.of(action.tool().toString())),
        "grant-details",
        "the grant's actions are not the action's tool");
  }

  private boolean isOf(Action action) {
    try {
      return action.digest(actionId).equals(actionDigest);
    } catch (IllegalArgumentException _) {
      // Without a canonical form it has no digest, and no grant was given for it.
      return false;
    }
  }

  /// The action that these parameters make of it. It is the permitted one if the digests agree.
  public Action action(JsonNode parameters) throws InvalidGrant {
    InvalidGrant.unless(
        actions.size() == 1, "grant-details", "the grant's actions are not one tool");
    String name = actions.getFirst();
    InvalidGrant.unless(
        name.startsWith(audience + "/"),
        "grant-audience",
        "the grant's aud is not the toolset of its tool");
    return new Action(agent, new Tool(audience, name.substring(audience.length() + 1)), parameters);
  }
}
