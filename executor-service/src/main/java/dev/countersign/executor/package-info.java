/// Turns an approved decision into its effect, once, with credentials that nobody else has.
///
/// It consumes `decision` and the topics of outcomes that `connectors.yaml` names, publishes
/// `execution` and `late-outcome` (and `dead-letter`), and owns the tables `execution`,
/// `late_outcome` and `vigil`.
///
/// Its invariant: nothing is sent to a target without a grant, signed by the ticket service, whose
/// digest is that of what is sent and whose approvals are proven; and for one action id at most
/// once.
///
/// **A record that was changed on the way.** The topic is not trusted. A record whose grant is
/// authentic but whose action has another digest goes to `dead-letter` as `digest-mismatch`, with
/// an alarm, and has no effect. It does not end the action either: else whoever can write to the
/// topic could stop any action by racing its decision with a changed copy. The true decision,
/// before or after the copy, runs as if the copy had never been. Only when the grant has ended and
/// the true decision never came does the action end as `refused`, `digest-mismatch`: so even then
/// it gets its one final answer, and at a time when nothing could be run for it any more.
///
/// **A grant that ended in the queue** is no dead letter but an `execution` that is `refused`,
/// `grant-expired`: the action was approved and is owed an answer. All times of a grant are held
/// against the database's clock, when the action is claimed. So it is where the key that signed it
/// is over by the time it comes: what was permitted once keeps its id, or after a restore it could
/// be run a second time under a new grant.
@NullMarked
package dev.countersign.executor;

import org.jspecify.annotations.NullMarked;
