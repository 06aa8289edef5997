/// The agents' door: actions in, answers out.
///
/// Consumes `verdict`, `ticket-opened`, `ticket-seen`, `decision`, `expired`, `execution` and
/// `notification`; publishes `action-proposed` and `action-cancelled`. Owns the table `action`,
/// what is known of each action so far: its verdict, ticket and answers, from wherever it was
/// proposed; and `agent_key`, what agents prove themselves with.
///
/// Invariant: what a 202 has promised is durable, and an action that has reached a final state is
/// never told otherwise again, in whatever order and however often its events arrive.
@NullMarked
package dev.countersign.gateway;

import org.jspecify.annotations.NullMarked;
