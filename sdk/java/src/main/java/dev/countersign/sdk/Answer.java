package dev.countersign.sdk;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/// How a proposal stands. What does not apply is null.
///
/// @param key the idempotency key that it was proposed under; null where it was followed by its id
/// @param actionId the action's and the ticket's id; null where the gateway never answered
/// @param sayToUser one sentence to pass on to the user as it is
/// @param grant the permission for exactly this action, where it is {@link Status#APPROVED} and
///   nothing else
/// @param state all that the gateway said (`ActionState` of its OpenAPI): `decision`, `execution`,
///   `response`
public record Answer(
    Status status,
    @Nullable String key,
    @Nullable String actionId,
    String sayToUser,
    @Nullable Reason reason,
    @Nullable String grant,
    JsonNode state) {

  /// Why: a stable code, and a sentence for a person.
  public record Reason(String code, String text) {}

  /// This answer, if it was approved and done.
  public Answer requireSucceeded() throws NotApproved {
    if (status != Status.SUCCEEDED) {
      throw new NotApproved(this);
    }
    return this;
  }

  /// The grant of a yes that is not used yet.
  ///
  /// @throws AlreadyDone where it was done before, so that it must not be run again
  public String requireGrant() throws NotApproved, AlreadyDone {
    if (status == Status.SUCCEEDED) {
      throw new AlreadyDone(this);
    }
    if (status != Status.APPROVED || grant == null) {
      throw new NotApproved(this);
    }
    return grant;
  }
}
