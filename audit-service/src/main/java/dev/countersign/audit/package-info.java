/// The memory: consumes every topic but its own, appends each record once to a log that only grows,
/// and publishes each entry on `audit`. It notices what was published and never came, finds actions
/// for people, and lets contents go. Owns the schema `audit`.
///
/// Invariant: every record of every topic is in the log once, in order of arrival, and nothing in
/// the log changes; what its leaves only commit to goes with a leaf that says so, or stays. A
/// record is acknowledged to Kafka after its entry is durable.
@NullMarked
package dev.countersign.audit;

import org.jspecify.annotations.NullMarked;
