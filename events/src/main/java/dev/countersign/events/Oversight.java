package dev.countersign.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Something changed about who may oversee the agents, or what is held back from them: a passkey, a
/// session, a budget. `actionId` is the action at which it happened; of a passkey it is the id of
/// its invitation, so that an enrolment has its evidence as an action has.
///
/// @param by who did it: an approver's id, `operator` for whoever holds this machine's state
///   folder, or `countersign` where a rule did
/// @param approver whom it concerns, by id
/// @param agent the agent and session that it concerns
/// @param passkey the public part of the passkey that it concerns
public record Oversight(
    ActionId actionId,
    Instant at,
    Change change,
    String by,
    @Nullable String approver,
    @Nullable Agent agent,
    @Nullable Passkey passkey,
    @Nullable Reason reason)
    implements Event {

  public enum Change {
    /// A person was invited to enrol a passkey.
    @JsonProperty("invited")
    INVITED,
    /// They made one; it counts for nothing yet.
    @JsonProperty("passkey-added")
    PASSKEY_ADDED,
    /// A second person vouched for it; from now on it counts.
    @JsonProperty("passkey-confirmed")
    PASSKEY_CONFIRMED,
    /// It counts no more, or the invitation was withdrawn before it ever did.
    @JsonProperty("passkey-revoked")
    PASSKEY_REVOKED,
    /// Nothing more is taken from an agent's session.
    @JsonProperty("session-held")
    SESSION_HELD,
    /// Things are taken from it again.
    @JsonProperty("session-released")
    SESSION_RELEASED,
    /// More was asked of a person, or by an agent, than their budget bears.
    @JsonProperty("over-budget")
    OVER_BUDGET
  }

  /// What later verification takes: base64url of the credential id and of the public key (SPKI).
  public record Passkey(String credentialId, String publicKey) {}
}
