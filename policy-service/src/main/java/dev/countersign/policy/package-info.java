/// Judges proposals. Consumes `action-proposed`; publishes `verdict` and `dead-letter`; owns the
/// table `verdict`, and reads `tools.yaml` and `policy.yaml`. Invariant: one answer for each
/// `actionId`, and never a lax one for want of a better: what can't be evaluated is denied.
@NullMarked
package dev.countersign.policy;

import org.jspecify.annotations.NullMarked;
