package dev.countersign.gateway.inbound;

import dev.countersign.events.ActionId;
import dev.countersign.events.Decision;
import dev.countersign.events.Digest;
import dev.countersign.events.Execution;
import dev.countersign.events.Expired;
import dev.countersign.events.Oversight;
import dev.countersign.events.Reason;
import dev.countersign.events.Requirement;
import dev.countersign.events.TicketOpened;
import dev.countersign.events.Tool;
import dev.countersign.gateway.domain.Origin;
import dev.countersign.gateway.domain.Progress;
import dev.countersign.gateway.domain.Status;
import dev.countersign.gateway.domain.TargetResponse;
import dev.countersign.gateway.domain.Telling;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/// How an action stands, as agents read it. Members that do not apply are absent.
@Schema(description = "How an action stands. Members that do not apply are absent.")
record ActionState(
    @Schema(description = "The proposer's id of the action: a UUID.", implementation = String.class)
        ActionId actionId,
    @Schema(description = "Who asked: id, platform and session, as far as they are known.")
        Origin.@Nullable Asker agent,
    @Schema(description = "What for: toolset and name.") @Nullable Tool tool,
    @Schema(
            description =
                """
                received: being checked. waiting: people are asked. unreachable: none of them could \
                be reached so far; a later answer still counts. approved: the answer is yes, the \
                outcome is not there yet. Final: succeeded, failed, precondition-failed, unknown \
                (it may have taken effect: never repeat it blindly), rejected (by people), denied \
                (by policy), expired, cancelled, refused (by the system, as invalid).\
                """,
            implementation = String.class,
            enumeration = {
              "received",
              "waiting",
              "unreachable",
              "approved",
              "succeeded",
              "failed",
              "precondition-failed",
              "unknown",
              "rejected",
              "denied",
              "expired",
              "cancelled",
              "refused"
            })
        Status status,
    @Schema(
            description =
                "sha256: and hex of the RFC 8785 form of actionId, agent, tool, parameters.",
            implementation = String.class)
        @Nullable Digest actionDigest,
    @Schema(
            description =
                "Whose approvals it takes while it waits: so many people of these groups.")
        @Nullable List<Requirement.Quorum> waitingFor,
    @Schema(description = "When the ticket expires into a no, while it waits.")
        @Nullable Instant until,
    @Schema(description = "What a person reads out to say which ticket they mean.")
        @Nullable String shortCode,
    @Schema(description = "When an approver first opened the ticket.") @Nullable Instant seenAt,
    @Schema(description = "When cancelling was asked for.") @Nullable Instant cancelAskedAt,
    @Schema(description = "One sentence to pass on to the user as it is.") String sayToUser,
    @Schema(description = "Why it ended as it did: a code, and a sentence.")
        @Nullable Reason reason,
    @Schema(description = "The decision as it was published.", implementation = Object.class)
        @Nullable Decision decision,
    @Schema(description = "The expiry as it was published.", implementation = Object.class)
        @Nullable Expired expired,
    @Schema(
            description =
                "The signed permission for exactly this action: a JWT, for one use until its exp.")
        @Nullable String grant,
    @Schema(description = "The outcome as it was published.", implementation = Object.class)
        @Nullable Execution execution,
    @Schema(
            description =
                """
                What a person found at the target, where it was not certain how it ended, or \
                something else was said of it later: the status stays, and this says whether to \
                propose it anew. A later finding takes its place.\
                """)
        @Nullable Reconciled reconciled,
    @Schema(
            description =
                """
                What the target answered, where the operator lets agents have it: one of json, text \
                and base64, or why it is missing. Only GET and the final event have it. Its digest \
                is that of `execution.result`, and was checked.\
                """)
        @Nullable TargetResponse response,
    @Schema(
            description =
                """
                Seconds after which to ask again: where not final, and, at a person's pace, where \
                the status is unknown and no person has looked.\
                """)
        @Nullable Integer retryAfter,
    Links links) {

  private static final int SOON = 1;
  private static final int WHEN_PEOPLE_ARE_ASKED = 5;
  private static final int WHEN_A_PERSON_MUST_LOOK = 300;

  /// Where to go from here, as paths on this server.
  record Links(String self, String events, @Nullable String cancel) {}

  /// @param finding `took-effect` or `no-effect`
  record Reconciled(
      @Schema(
              implementation = String.class,
              enumeration = {"took-effect", "no-effect"})
          Oversight.Finding finding,
      Instant at) {

    private static @Nullable Reconciled of(Progress progress) {
      Oversight found = progress.reconciled();
      return found == null
          ? null
          : progress.finding().map(it -> new Reconciled(it.finding(), found.at())).orElse(null);
    }
  }

  static ActionState of(Progress progress) {
    return of(progress, Optional.empty());
  }

  static ActionState of(Progress progress, Optional<TargetResponse> response) {
    Status status = progress.status();
    boolean pending = status == Status.WAITING || status == Status.UNREACHABLE;
    TicketOpened ticket = pending ? progress.ticket() : null;
    // Under a conflict the answer, and above all the grant, is for another action than was asked.
    Origin origin = progress.origin();
    boolean ours = !progress.isConflict();
    Decision decision = ours ? progress.decision() : null;
    return new ActionState(
        progress.actionId(),
        origin == null ? null : origin.agent(),
        origin == null ? null : origin.tool(),
        status,
        progress.actionDigest(),
        ticket == null ? null : ticket.requirement().quorums(),
        ticket == null ? null : ticket.expiresAt(),
        ticket == null ? null : ticket.card().shortCode(),
        progress.seenAt(),
        progress.cancelAskedAt(),
        Telling.of(progress),
        progress.reason(),
        decision,
        ours ? progress.expired() : null,
        decision == null ? null : decision.grant(),
        ours ? progress.execution() : null,
        Reconciled.of(progress),
        response.orElse(null),
        retryAfter(progress),
        links(progress));
  }

  private static @Nullable Integer retryAfter(Progress progress) {
    return switch (progress.status()) {
      case RECEIVED, APPROVED -> SOON;
      case WAITING, UNREACHABLE -> WHEN_PEOPLE_ARE_ASKED;
      case UNKNOWN -> progress.isToBeLookedInto() ? WHEN_A_PERSON_MUST_LOOK : null;
      case SUCCEEDED, FAILED, PRECONDITION_FAILED, REJECTED, DENIED, EXPIRED, CANCELLED, REFUSED ->
          null;
    };
  }

  static String path(ActionId actionId) {
    return "/v1/actions/" + actionId;
  }

  private static Links links(Progress progress) {
    String self = path(progress.actionId());
    return new Links(self, self + "/events", progress.isAnswered() ? null : self + "/cancel");
  }
}
