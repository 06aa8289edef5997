package dev.countersign.notifier.domain;

import dev.countersign.events.Decision;
import dev.countersign.events.Reason;
import java.util.Optional;

/// How a ticket that people were asked about ended.
public enum Answered {
  APPROVED,
  REJECTED,
  CANCELLED,
  EXPIRED,
  /// On its topic this is a cancellation too, and nobody took anything back.
  RESTORED;

  /// As it stands in the database.
  public String code() {
    return switch (this) {
      case APPROVED -> "approved";
      case REJECTED -> "rejected";
      case CANCELLED -> "cancelled";
      case EXPIRED -> "expired";
      case RESTORED -> Reason.RESTORED;
    };
  }

  /// One word for the person.
  public String word() {
    return switch (this) {
      case APPROVED -> "Approved";
      case REJECTED -> "Rejected";
      case CANCELLED -> "Cancelled";
      case EXPIRED -> "Expired";
      case RESTORED -> "Void";
    };
  }

  /// One sentence for the person. Ours: the reason that a person or an agent gave stays on the
  /// ticket's page.
  public String sentence() {
    return switch (this) {
      case APPROVED -> "The approval is complete. How it was carried out, its page says.";
      case REJECTED -> "An approver said no. The action is not carried out.";
      case CANCELLED -> "The request was taken back. The action is not carried out.";
      case EXPIRED -> "Nobody's answer completed it in time, so the answer is no.";
      case RESTORED ->
          "The system was put back from a backup in which this still waited. Nothing of it is carried"
              + " out from now on; whether it was before, its page and the log say.";
    };
  }

  /// Whether the action is carried out.
  public boolean yes() {
    return this == APPROVED;
  }

  /// Throws `IllegalArgumentException` for a code that is none.
  public static Answered of(String code) {
    for (Answered answered : values()) {
      if (answered.code().equals(code)) {
        return answered;
      }
    }
    throw new IllegalArgumentException("no such answer: " + code);
  }

  /// The answer to a ticket; empty where policy or a standing permission answered at once and
  /// nobody was ever asked.
  public static Optional<Answered> by(Decision decision) {
    if (decision.basis() == Decision.Basis.POLICY || decision.basis() == Decision.Basis.TRUST) {
      return Optional.empty();
    }
    return switch (decision.outcome()) {
      case APPROVED -> Optional.of(APPROVED);
      case REJECTED -> Optional.of(REJECTED);
      case CANCELLED -> Optional.of(restored(decision) ? RESTORED : CANCELLED);
      case DENIED, REFUSED -> Optional.empty();
    };
  }

  private static boolean restored(Decision decision) {
    return decision.reason() != null && decision.reason().code().equals(Reason.RESTORED);
  }
}
