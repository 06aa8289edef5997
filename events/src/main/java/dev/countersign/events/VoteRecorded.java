package dev.countersign.events;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A vote counts. `votesSoFar` of `quorum` approvals are there; `attestation` is the signed {@link
/// Statement}, absent on votes of before there were any.
public record VoteRecorded(
    ActionId actionId,
    Instant at,
    String approver,
    Answer answer,
    Assurance assurance,
    @Nullable DsseEnvelope attestation,
    int votesSoFar,
    int quorum)
    implements Event {}
