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
/// @param reconciled what a person found at the target, where somebody has looked: a later finding
///   takes its place
/// @param state all that the gateway said (`ActionState` of its OpenAPI): `decision`, `execution`,
///   `response`
public record Answer(
    Status status,
    @Nullable String key,
    @Nullable String actionId,
    String sayToUser,
    @Nullable Reason reason,
    @Nullable String grant,
    @Nullable Reconciled reconciled,
    JsonNode state) {

  /// Why: a stable code, and a sentence for a person.
  public record Reason(String code, String text) {}

  /// What a person found. The status stays, and this is what counts of it.
  ///
  /// @param finding `took-effect` or `no-effect`
  /// @param at RFC 3339
  public record Reconciled(String finding, String at) {}

  /// Fit for a log: without the grant, and all that the gateway and the target said.
  @Override
  public String toString() {
    return "Answer[status="
        + status
        + ", key="
        + key
        + ", actionId="
        + actionId
        + ", sayToUser="
        + sayToUser
        + ", reason="
        + reason
        + ", reconciled="
        + reconciled
        + "]";
  }

  /// It was done: it succeeded and nobody found otherwise, or a person found that it was.
  public boolean tookEffect() {
    return reconciled == null
        ? status == Status.SUCCEEDED
        : reconciled.finding().equals("took-effect");
  }

  /// This answer, if it was approved and done.
  ///
  /// @throws NotApproved also where a person found no effect, and where what failed or was unknown
  ///   is found to have taken effect: then how it ended was never told, and {@link #tookEffect()}
  ///   says so
  public Answer requireSucceeded() throws NotApproved {
    if (status != Status.SUCCEEDED || !tookEffect()) {
      throw new NotApproved(this);
    }
    return this;
  }

  /// The grant of a yes that is not used yet.
  ///
  /// @throws AlreadyDone where it was done before, so that it must not be run again
  public String requireGrant() throws NotApproved, AlreadyDone {
    if (tookEffect()) {
      throw new AlreadyDone(this);
    }
    if (status != Status.APPROVED || grant == null) {
      throw new NotApproved(this);
    }
    return grant;
  }
}
