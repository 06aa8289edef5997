package dev.countersign.gateway.domain;

import dev.countersign.events.Oversight;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.events.TicketOpened;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One sentence for the person whom the agent works for. An agent passes it on as it is, so it says
/// what happened and what to do next, and holds no parameter.
public final class Telling {

  private static final DateTimeFormatter UNTIL =
      DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private Telling() {}

  /// What to tell the user now.
  public static String of(Progress progress) {
    return progress.finding().map(Telling::found).orElseGet(() -> status(progress));
  }

  private static String status(Progress progress) {
    return switch (progress.status()) {
      case RECEIVED -> "The request has been received and is being checked.";
      case WAITING -> waiting(progress);
      case UNREACHABLE ->
          "Nobody who may approve this could be reached; tell one of them yourself"
              + ticket(progress.ticket())
              + ".";
      case APPROVED -> "It was approved and is being carried out.";
      case SUCCEEDED -> "It was approved and done.";
      case FAILED -> because("It was approved, but carrying it out failed", progress.reason());
      case PRECONDITION_FAILED ->
          because(
              "It was not done, because things changed after it was approved; propose it again",
              progress.reason());
      case UNKNOWN -> unknown(progress);
      case REJECTED -> because("An approver said no", progress.reason());
      case DENIED -> because("Policy does not allow it", progress.reason());
      case EXPIRED ->
          "Nobody answered in time, so the answer is no; propose it again under a new id if it is"
              + " still wanted.";
      case CANCELLED -> because("It was cancelled", progress.reason());
      case REFUSED -> because("It was refused and not done", progress.reason());
    };
  }

  private static String unknown(Progress progress) {
    return because(
        "It was approved, but nobody knows whether it took effect; a person must look before it is"
            + " tried again, so ask again later",
        progress.reason());
  }

  private static String found(Oversight.Reconciled reconciled) {
    return switch (reconciled.finding()) {
      case TOOK_EFFECT ->
          "It was approved, and a person has looked: it took effect; do not propose it again.";
      case NO_EFFECT ->
          "It was approved, and a person has looked: it had no effect; propose it again under a new"
              + " id if it is still wanted.";
    };
  }

  private static String waiting(Progress progress) {
    TicketOpened open = progress.ticket();
    String who =
        open == null || open.requirement().quorums().isEmpty()
            ? "an approver"
            : open.requirement().quorums().stream()
                .map(Telling::quorum)
                .collect(Collectors.joining(" and "));
    String seen = progress.seenAt() == null ? "" : " An approver has opened it.";
    return "Waiting for " + who + ticket(open) + "." + seen;
  }

  private static String quorum(Requirement.Quorum quorum) {
    return quorum.count() + " of " + String.join(" or ", quorum.groups());
  }

  private static String ticket(@Nullable TicketOpened open) {
    if (open == null) {
      return "";
    }
    String code = open.card().shortCode();
    return (code == null ? "" : ", code " + code) + ", until " + UNTIL.format(open.expiresAt());
  }

  private static String because(String what, @Nullable Reason reason) {
    if (reason == null) {
      return what + ".";
    }
    String text = reason.text().strip();
    return what + ": " + text + (text.endsWith(".") ? "" : ".");
  }
}
