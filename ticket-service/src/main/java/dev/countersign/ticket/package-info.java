/// The durable question and its one answer.
///
/// Consumes `verdict`, `action-cancelled`, `vote-submitted`, `execution`, `late-outcome`. Publishes
/// `ticket-opened`, `ticket-seen`, `vote-recorded`, `decision`, `expired`, `trust`, `oversight`,
/// `dead-letter`. Owns the tickets, the votes, the approvers' sessions and the keys that grants and
/// attestations are signed with.
///
/// Invariant: an action gets one answer, and it never changes. The row with the `actionId` as its
/// primary key is what says so.
@NullMarked
package dev.countersign.ticket;

import org.jspecify.annotations.NullMarked;
