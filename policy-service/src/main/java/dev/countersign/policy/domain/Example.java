package dev.countersign.policy.domain;

import dev.countersign.events.ActionProposed;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A case that the operator wrote down with its answer: given this proposal, the whole policy must
/// answer so.
///
/// @param says the case in words, for the reviewer
/// @param votes how many approvals it must take, where the operator says
/// @param trust whether an approver may trust the session then, where the operator says
/// @param place where it stands in the file, as a JSON Pointer
public record Example(
    String says,
    ActionProposed given,
    Instant now,
    Then expected,
    @Nullable Integer votes,
    @Nullable Boolean trust,
    String place) {}
