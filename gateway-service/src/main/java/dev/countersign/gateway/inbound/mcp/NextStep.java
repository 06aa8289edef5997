package dev.countersign.gateway.inbound.mcp;

import dev.countersign.gateway.domain.Progress;
import dev.countersign.gateway.domain.Status;
import org.jspecify.annotations.Nullable;

/// What the model is to do next: one sentence, for it and not for its user. It asks again, or
/// stops; it never looks for another way to the same effect.
final class NextStep {

  private static final int SOON = 1;
  private static final int WHEN_PEOPLE_ARE_ASKED = 5;
  private static final int WHEN_A_PERSON_MUST_LOOK = 300;

  private static final String STOP =
      "It was not done. Do not try to reach the same by other means; ";

  private NextStep() {}

  static String of(Progress progress) {
    return switch (progress.status()) {
      case RECEIVED -> "Call check_approval with this action_id in a second.";
      case WAITING, UNREACHABLE ->
          "Pass say_to_user on to your user now. Then call check_approval with this action_id, with"
              + " wait_seconds if you want to wait; the answer is kept, so you may also come back"
              + " later. Do not do it in another way meanwhile.";
      case APPROVED ->
          "It is being carried out; call check_approval for the outcome. Only where you run this"
              + " tool yourself: hand it the grant at once, it works once and not for long.";
      case SUCCEEDED -> "It is done; do not request it again.";
      case FAILED, PRECONDITION_FAILED ->
          "It was approved and not done. Tell your user why; if it is still wanted, request it anew"
              + " with another idempotency_key.";
      case UNKNOWN ->
          progress.isToBeLookedInto()
              ? "Never request it again before a person has looked: it may have taken effect. Call"
                  + " check_approval later."
              : "A person has looked; say_to_user says what they found.";
      case REJECTED, DENIED -> STOP + "tell your user why.";
      case EXPIRED ->
          STOP + "request it anew with another idempotency_key only if your user still wants it.";
      case CANCELLED -> STOP + "tell your user that it was cancelled.";
      case REFUSED -> STOP + "correct what reason says and request it with another key.";
    };
  }

  /// Seconds after which asking again makes sense; null where nothing follows.
  static @Nullable Integer retryAfter(Progress progress) {
    Status status = progress.status();
    return switch (status) {
      case RECEIVED, APPROVED -> SOON;
      case WAITING, UNREACHABLE -> WHEN_PEOPLE_ARE_ASKED;
      case UNKNOWN -> progress.isToBeLookedInto() ? WHEN_A_PERSON_MUST_LOOK : null;
      case SUCCEEDED, FAILED, PRECONDITION_FAILED, REJECTED, DENIED, EXPIRED, CANCELLED, REFUSED ->
          null;
    };
  }
}
