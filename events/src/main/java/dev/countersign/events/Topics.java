package dev.countersign.events;

import java.util.List;

/// The names of all topics. They stand here and nowhere else.
public final class Topics {

  public static final String ACTION_PROPOSED = "action-proposed";
  public static final String ACTION_CANCELLED = "action-cancelled";
  public static final String VERDICT = "verdict";
  public static final String TICKET_OPENED = "ticket-opened";
  public static final String TICKET_SEEN = "ticket-seen";
  public static final String VOTE_SUBMITTED = "vote-submitted";
  public static final String VOTE_RECORDED = "vote-recorded";
  public static final String DECISION = "decision";
  public static final String EXPIRED = "expired";
  public static final String TRUST = "trust";
  public static final String OVERSIGHT = "oversight";
  public static final String NOTIFICATION = "notification";
  public static final String EXECUTION = "execution";
  public static final String LATE_OUTCOME = "late-outcome";
  public static final String AUDIT = "audit";
  public static final String DEAD_LETTER = "dead-letter";

  /// All topics, in the order in which an action passes them.
  public static final List<String> ALL =
      List.of(
          ACTION_PROPOSED,
          ACTION_CANCELLED,
          VERDICT,
          TICKET_OPENED,
          TICKET_SEEN,
          VOTE_SUBMITTED,
          VOTE_RECORDED,
          DECISION,
          EXPIRED,
          TRUST,
          OVERSIGHT,
          NOTIFICATION,
          EXECUTION,
          LATE_OUTCOME,
          AUDIT,
          DEAD_LETTER);

  private Topics() {}

  /// The topic that an event is published on.
  public static String of(Event event) {
    return switch (event) {
      case ActionProposed _ -> ACTION_PROPOSED;
      case ActionCancelled _ -> ACTION_CANCELLED;
      case Verdict _ -> VERDICT;
      case TicketOpened _ -> TICKET_OPENED;
      case TicketSeen _ -> TICKET_SEEN;
      case VoteSubmitted _ -> VOTE_SUBMITTED;
      case VoteRecorded _ -> VOTE_RECORDED;
      case Decision _ -> DECISION;
      case Expired _ -> EXPIRED;
      case Trust _ -> TRUST;
      case Oversight _ -> OVERSIGHT;
      case Notification _ -> NOTIFICATION;
      case Execution _ -> EXECUTION;
      case LateOutcome _ -> LATE_OUTCOME;
      case Audit _ -> AUDIT;
    };
  }

  /// The CloudEvents `type` of what is published on a topic: `countersign.<topic>.v1`.
  public static String type(String topic) {
    return "countersign." + topic + ".v1";
  }
}
