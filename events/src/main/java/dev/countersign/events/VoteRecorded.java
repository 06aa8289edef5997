package dev.countersign.events;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A vote counts. `votesSoFar` of `quorum` approvals are there; `attestation` is the DSSE envelope
/// where one was signed.
public record VoteRecorded(
    ActionId actionId,
    Instant at,
    String approver,
    Answer answer,
    Assurance assurance,
    @Nullable JsonNode attestation,
    int votesSoFar,
    int quorum)
    implements Event {}
